"""Reading a body by the kind of each field: JSON and HTML forms become the same values, with all complaints at once.

msgspec stops at the first error and a single checkbox arrives as a string, so bodies are read here (decisions 23).
Keys that nobody asked for are refused (S-35). No complaint repeats what was sent (S-57).
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from src.platform.kit import clock
from src.platform.kit.errors import FieldError
from src.platform.kit.i18n import N_

Kind = Literal["text", "longtext", "secret", "bool", "int", "date", "datetime", "enum", "multi_enum", "uuid", "uuids"]
_TEXT_MOST = 500
_LONGTEXT_MOST = 20_000
_KEYS_MOST = 200
_INT_MOST = 1_000_000
_KEPT_CONTROLS = "\n\t"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body. `options` are the keys of an enum; `most` the longest text or highest number."""

    name: str
    kind: Kind
    required: bool = False
    options: frozenset[str] = frozenset()
    most: int | None = None


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


class _Complaint(Exception):  # never leaves this file
    def __init__(self, code: str, message: str, **params: int) -> None:
        self.code, self.message, self.params = code, message, tuple(params.items())


def read_payload(raw: Mapping[str, Any], spec: Spec) -> Parsed:
    """Check every field of a body."""
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for field in spec:
        try:
            value = _read(field, _sent(raw, field))
        except _Complaint as complaint:
            errors.append(FieldError(field.name, complaint.code, complaint.message, complaint.params))
            continue
        if value is not None:
            values[field.name] = value
    errors += _strangers(raw, spec)
    return Parsed(values, tuple(errors), raw)


def _sent(raw: Mapping[str, Any], field: Field) -> Any:
    """The sent value; a GOV.UK date arrives as three inputs."""
    parts = [raw.get(f"{field.name}-{part}") for part in ("day", "month", "year")]
    if field.kind == "date" and any(parts):
        day, month, year = (str(part or "").strip() for part in parts)
        return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"
    return raw.get(field.name)


def _read(field: Field, sent: Any) -> Any:
    if sent is None or sent in ("", []) or (isinstance(sent, str) and not sent.strip()):
        if field.required:
            raise _Complaint("required", N_("Fill this in"))
        return False if field.kind == "bool" else None
    return _READERS[field.kind](field, sent)


def _text(field: Field, sent: Any) -> str:
    if not isinstance(sent, str):
        raise _Complaint("not_text", N_("This must be text"))
    clean = unicodedata.normalize("NFC", sent.replace("\r\n", "\n")).strip()
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _KEPT_CONTROLS for c in clean):
        raise _Complaint("control_characters", N_("There are characters here that cannot be stored"))
    most = field.most or (_LONGTEXT_MOST if field.kind == "longtext" else _TEXT_MOST)
    if len(clean) > most:
        raise _Complaint("too_long", N_("This is longer than %(most)s characters"), most=most)
    return clean


def _secret(field: Field, sent: Any) -> str:
    if not isinstance(sent, str) or len(sent) > (field.most or _TEXT_MOST):
        raise _Complaint("not_text", N_("This must be text"))
    return sent


def _bool(_field: Field, sent: Any) -> bool:
    if isinstance(sent, bool):
        return sent
    known = {"true": True, "on": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if not isinstance(sent, str) or sent not in known:
        raise _Complaint("not_bool", N_("Choose yes or no"))
    return known[sent]


def _int(field: Field, sent: Any) -> int:
    try:
        number = int(sent) if isinstance(sent, str | int) and not isinstance(sent, bool) else None
    except ValueError:
        number = None
    most = field.most or _INT_MOST
    if number is None or not 0 <= number <= most:
        raise _Complaint("not_number", N_("Enter a whole number from 0 to %(most)s"), most=most)
    return number


def _date(_field: Field, sent: Any) -> date:
    try:
        return date.fromisoformat(sent)
    except (TypeError, ValueError):
        raise _Complaint("not_date", N_("Enter a real date")) from None


def _datetime(_field: Field, sent: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(sent)
    except (TypeError, ValueError):
        raise _Complaint("not_datetime", N_("Enter a real date and time")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.LOCAL_ZONE)


def _enum(field: Field, sent: Any) -> str:
    if not isinstance(sent, str) or sent not in field.options:
        raise _Complaint("not_an_option", N_("Choose one of the answers"))
    return sent


def _multi_enum(field: Field, sent: Any) -> list[str]:
    return [_enum(field, one) for one in (sent if isinstance(sent, list) else [sent])]


def _uuid(_field: Field, sent: Any) -> UUID:
    try:
        return UUID(sent)
    except (AttributeError, TypeError, ValueError):
        raise _Complaint("not_an_option", N_("Choose one of the answers")) from None


def _uuids(field: Field, sent: Any) -> list[UUID]:
    return [_uuid(field, one) for one in (sent if isinstance(sent, list) else [sent])]


def _strangers(raw: Mapping[str, Any], spec: Spec) -> list[FieldError]:
    dates = {f"{f.name}-{part}" for f in spec if f.kind == "date" for part in ("day", "month", "year")}
    strange = raw.keys() - {field.name for field in spec} - dates
    if not strange and len(raw) <= _KEYS_MOST:
        return []
    return [FieldError("", "unknown_field", N_("The form was sent with a field that it does not have"))]


_READERS: Mapping[Kind, Callable[[Field, Any], Any]] = {
    "text": _text,
    "longtext": _text,
    "secret": _secret,
    "bool": _bool,
    "int": _int,
    "date": _date,
    "datetime": _datetime,
    "enum": _enum,
    "multi_enum": _multi_enum,
    "uuid": _uuid,
    "uuids": _uuids,
}
