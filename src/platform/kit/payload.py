"""Reading a body by the kind of each field: JSON and HTML forms become the same values, with all complaints at once.

msgspec stops at the first error and a single checkbox arrives as a string, so bodies are read here (decisions 23).
Keys that nobody asked for are refused (S-35). No complaint repeats what was sent (S-57).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Literal, Self
from uuid import UUID

from litestar.datastructures import UploadFile

from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.uploads import LetGo

Kind = Literal[
    "text",
    "longtext",
    "secret",
    "bool",
    "int",
    "date",
    "datetime",
    "time",
    "enum",
    "multi_enum",
    "uuid",
    "uuids",
    "groups",
    "file",
]
TEXT_MOST = 500
LONGTEXT_MOST = 20_000
KEYS_MOST = 200
INT_MOST = 1_000_000
SEVERAL_MOST = 1_000
_DEPTH_MOST = 32
TRUTHS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
"""How a form says yes and no."""
_YEARS = range(1900, 2200)
_KEPT_CONTROLS = {"text": "", "longtext": "\n\t"}
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DATE_PARTS = ("day", "month", "year")
_TOO_MUCH = FieldError("", "too_much", N_("This is more than a form can hold"))


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a body; equal to itself only, so that a spec is a quick key.

    `options` are the keys of an enum; `most` the longest text, the highest number or the most rows; `many` a list of
    such values; `fields` the columns of a group, sent by a form as `name-0-column`, by JSON as a list of objects.
    """

    name: str
    kind: Kind
    required: bool = False
    options: frozenset[str] = frozenset()
    most: int | None = None
    many: bool = False
    fields: tuple["Field", ...] = ()


class Spec(tuple[Field, ...]):
    """The fields that one endpoint reads."""

    __slots__ = ()

    def __new__(cls, *fields: Field) -> Self:
        """Fields in the order of the form."""
        return super().__new__(cls, fields)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Clean values (absent optional fields are missing), every complaint, and what to show again."""

    values: dict[str, Any]
    errors: tuple[FieldError, ...]
    raw: Mapping[str, Any]


def keepable(raw: Mapping[str, Any], spec: Spec, also: tuple[str, ...] = ()) -> dict[str, str | list[str]]:
    """What may be kept of a form that is not sent yet: texts as typed, of known fields; no secrets, no files.

    `also` are beginnings of further names. Raises Invalid for more than a form can hold.
    """
    if not _within_limits(raw):
        raise Invalid(fields=(_TOO_MUCH,))
    texts = {key: _texts(sent) for key, sent in raw.items() if key.startswith(also) or _is_keepable(key, spec)}
    return {key: text for key, text in texts.items() if text is not None}


def _is_keepable(key: str, spec: Spec) -> bool:
    for field in spec:
        if column := _column(field, key):
            return _is_keepable(column[2], Spec(*field.fields))
        if key == field.name or (field.kind == "date" and key in _parts(field)):
            return field.kind not in ("secret", "file")
    return False


def _texts(sent: Any) -> str | list[str] | None:
    """Text without what no column can hold, several texts, or None for anything else."""
    if isinstance(sent, str):
        return sent.encode(errors="ignore").decode()
    if isinstance(sent, list):
        return [text for one in sent if isinstance(text := _texts(one), str)]
    return None


class _Complaint(Exception):  # never leaves this file
    def __init__(self, code: str, message: str, **params: int) -> None:
        self.code, self.message, self.params = code, message, tuple(params.items())


def read_payload(raw: Mapping[str, Any], spec: Spec) -> Parsed:
    """Check every field of a body."""
    if not raw:
        nothing = _nothing(spec)
        return Parsed(deepcopy(nothing.values), nothing.errors, raw)
    return _read_each(raw, spec)


@lru_cache(maxsize=1_000)
def _nothing(spec: Spec) -> Parsed:
    """What it means to send nothing: asked for every page that can be narrowed and is not."""
    return _read_each({}, spec)


def _read_each(raw: Mapping[str, Any], spec: Spec) -> Parsed:
    if not _within_limits(raw):
        return Parsed({}, (_TOO_MUCH,), raw)
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for field in spec:
        try:
            value = _groups(field, raw, errors) if field.kind == "groups" else _read(field, _sent(raw, field))
        except _Complaint as complaint:
            errors.append(FieldError(field.name, complaint.code, complaint.message, complaint.params))
            continue
        if value is not None:
            values[field.name] = value
    errors += _strangers(raw, spec)
    return Parsed(values, tuple(errors), raw)


def _within_limits(raw: Mapping[str, Any]) -> bool:
    """At most so many keys and so deep, counted without recursion: the body is not trusted yet."""
    keys, level = len(raw), _inside(raw.values())
    for _depth in range(_DEPTH_MOST):
        if not level or keys > KEYS_MOST:
            return keys <= KEYS_MOST
        keys += sum(len(one) for one in level if isinstance(one, dict))
        level = _inside(child for one in level for child in (one.values() if isinstance(one, dict) else one))
    return False


def _inside(values: Iterable[Any]) -> list[Any]:
    return [one for one in values if isinstance(one, (dict, list))]


def _sent(raw: Mapping[str, Any], field: Field) -> Any:
    """The sent value; a GOV.UK date arrives as three inputs."""
    parts = [raw.get(part) for part in _parts(field)] if field.kind == "date" else []
    if any(parts):
        day, month, year = (str(part or "").strip() for part in parts)
        return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"
    return raw.get(field.name)


def _parts(field: Field) -> list[str]:
    return [f"{field.name}-{part}" for part in _DATE_PARTS]


def _read(field: Field, sent: Any) -> Any:
    if _is_empty(sent):
        if field.required:
            raise _Complaint("required", N_("Fill this in"))
        return False if field.kind == "bool" else None
    if field.many:
        one = replace(field, many=False, required=True)
        return [_read(one, part) for part in _several(sent)]
    return _READERS[field.kind](field, sent)


def _is_empty(sent: Any) -> bool:
    if isinstance(sent, str):
        return not sent.strip()
    return sent is None or (isinstance(sent, list) and all(_is_empty(one) for one in sent))


def _groups(field: Field, raw: Mapping[str, Any], errors: list[FieldError]) -> list[dict[str, Any]] | None:
    """The rows of a group; complaints about their columns are added under `name-0-column`. Empty rows fall away."""
    sent = raw.get(field.name)
    rows = _rows_of_a_form(field, raw) if _is_empty(sent) else sent
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise _Complaint("not_rows", N_("This must be a list of rows"))
    most = field.most or KEYS_MOST
    if len(rows) > most:
        raise _Complaint("too_many", N_("There are more than %(most)s rows"), most=most)
    if field.required and not rows:
        raise _Complaint("required", N_("Fill this in"))
    values: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        parsed = read_payload(row, Spec(*field.fields))
        place = f"{field.name}-{number}"
        errors += (replace(error, field=f"{place}-{error.field}".rstrip("-")) for error in parsed.errors)
        values.append(parsed.values)
    return values or None


def _rows_of_a_form(field: Field, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    for key, sent in raw.items():
        if (found := _column(field, key)) and not _is_empty(sent):
            rows.setdefault(int(found[1]), {})[found[2]] = sent
    return [rows[number] for number in sorted(rows)]


def _column(field: Field, key: str) -> re.Match[str] | None:
    return re.fullmatch(rf"{re.escape(field.name)}-([0-9]{{1,3}})-(.+)", key) if field.kind == "groups" else None


def _text(field: Field, sent: Any) -> str:
    if not isinstance(sent, str):
        raise _Complaint("not_text", N_("This must be text"))
    clean = unicodedata.normalize("NFC", sent.replace("\r\n", "\n")).strip()
    kept = _KEPT_CONTROLS[field.kind]
    if any((unicodedata.category(c) in ("Cc", "Cs") and c not in kept) or c in _DIRECTIONS for c in clean):
        raise _Complaint("control_characters", N_("There are characters here that cannot be stored"))
    most = field.most or (LONGTEXT_MOST if field.kind == "longtext" else TEXT_MOST)
    if len(clean) > most:
        raise _Complaint("too_long", N_("This is longer than %(most)s characters"), most=most)
    return clean


def _secret(field: Field, sent: Any) -> str:
    if not isinstance(sent, str) or len(sent) > (field.most or TEXT_MOST):
        raise _Complaint("not_text", N_("This must be text"))
    return sent


def _file(field: Field, sent: Any) -> UploadFile:
    if isinstance(sent, LetGo):
        most = (field.most or INT_MOST) // 1_000_000
        raise _Complaint("too_large", N_("This file is larger than %(most)s MB. Choose a smaller one"), most=most)
    if not isinstance(sent, UploadFile):
        raise _Complaint("not_file", N_("Choose a file"))
    return sent


def _bool(_field: Field, sent: Any) -> bool:
    if isinstance(sent, bool):
        return sent
    if not isinstance(sent, str) or sent not in TRUTHS:
        raise _Complaint("not_bool", N_("Choose yes or no"))
    return TRUTHS[sent]


def _int(field: Field, sent: Any) -> int:
    most = field.most or INT_MOST
    if isinstance(sent, str):
        clean = sent.strip()
        sent = int(clean) if re.fullmatch(r"[0-9]{1,18}", clean) else None
    if isinstance(sent, float) and sent.is_integer():  # JSON has one kind of number: 3.0 is 3
        sent = int(sent)
    if not isinstance(sent, int) or isinstance(sent, bool) or not 0 <= sent <= most:
        raise _Complaint("not_number", N_("Enter a whole number from 0 to %(most)s"), most=most)
    return sent


def _date(_field: Field, sent: Any) -> date:
    try:
        day = date.fromisoformat(sent)
    except (TypeError, ValueError):
        day = date.min
    if day.year not in _YEARS:  # also keeps time zones from running out of years
        raise _Complaint("not_date", N_("Enter a real date"))
    return day


def _datetime(_field: Field, sent: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(sent)
    except (TypeError, ValueError):
        moment = datetime.min  # noqa: DTZ901  # only to be refused below
    if moment.year not in _YEARS:
        raise _Complaint("not_datetime", N_("Enter a real date and time"))
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.LOCAL_ZONE)


def _time(_field: Field, sent: Any) -> time:
    try:
        moment = time.fromisoformat(sent)
    except (TypeError, ValueError):
        raise _Complaint("not_time", N_("Enter a real time, for example 14:30")) from None
    return moment.replace(second=0, microsecond=0, tzinfo=None)


def _enum(field: Field, sent: Any) -> str:
    if not isinstance(sent, str) or sent not in field.options:
        raise _Complaint("not_an_option", N_("Choose one of the answers"))
    return sent


def _multi_enum(field: Field, sent: Any) -> list[str]:
    return list(dict.fromkeys(_enum(field, one) for one in _several(sent)))


def _uuid(_field: Field, sent: Any) -> UUID:
    try:
        return UUID(sent)
    except (AttributeError, TypeError, ValueError):
        raise _Complaint("not_an_option", N_("Choose one of the answers")) from None


def _uuids(field: Field, sent: Any) -> list[UUID]:
    return list(dict.fromkeys(_uuid(field, one) for one in _several(sent)))


def _several(sent: Any) -> list[Any]:
    several = [one for one in sent if not _is_empty(one)] if isinstance(sent, list) else [sent]
    if len(several) > SEVERAL_MOST:
        raise _Complaint("too_many", N_("There are more than %(most)s rows"), most=SEVERAL_MOST)
    return several


def _strangers(raw: Mapping[str, Any], spec: Spec) -> list[FieldError]:
    known = {field.name for field in spec}
    known |= {part for field in spec if field.kind == "date" for part in _parts(field)}
    if all(key in known or any(_column(field, key) for field in spec) for key in raw):
        return []
    return [FieldError("", "unknown_field", N_("The form was sent with a field that it does not have"))]


_READERS: Mapping[Kind, Callable[[Field, Any], Any]] = {
    "text": _text,
    "longtext": _text,
    "secret": _secret,
    "file": _file,
    "bool": _bool,
    "int": _int,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "enum": _enum,
    "multi_enum": _multi_enum,
    "uuid": _uuid,
    "uuids": _uuids,
}
