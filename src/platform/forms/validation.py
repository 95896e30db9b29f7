"""Values against a form: types, lengths, lists, what the stage requires. Every complaint at once, none with a value."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from src.platform.forms import registry
from src.platform.forms.definition import Condition, Field, Form
from src.platform.kit import payload
from src.platform.kit.errors import FieldError
from src.platform.kit.i18n import N_

_KINDS: Mapping[str, payload.Kind] = {
    "longtext": "longtext",
    "date": "date",
    "datetime": "datetime",
    "int": "int",
    "bool": "bool",
    "enum": "enum",
    "multi_enum": "multi_enum",
    "group": "groups",
    "signature": "uuid",
}
_TOO_FEW = {
    "director": N_("The team needs the director"),
    "specialist": N_("The team needs at least %(least)s specialists"),
    "teacher": N_("The team needs at least %(least)s teachers"),
}
_PATTERNS = {"phone": r"\+?[0-9 ()-]{3,20}", "email": r"[^@\s]+@[^@\s]+\.[^@\s]+"}


def validate(form: Form, values: Mapping[str, Any], *, stage: str = "") -> tuple[dict[str, Any], list[FieldError]]:
    """Clean values and every complaint.

    `stage` is the moment the form has reached: only fields of it and of earlier stages are required; without it, or
    in a form without stages, all of them. Columns of groups are named `group-0-column`.
    """
    parsed = payload.read_payload(values, make_spec(form))
    errors = list(parsed.errors)
    refused = {error.field for error in errors}
    reached = form.stages[: form.stages.index(stage) + 1] if stage else form.stages
    for place, field, value, row in _answers(form, parsed.values):
        if place in refused:
            continue
        wanted = (not form.stages or field.stage in reached) and _required(field, parsed.values)
        errors += _complaints(place, field, value, wanted=wanted)
        errors += _minima(place, form, field, row) if wanted else ()
    return parsed.values, errors


@cache
def spec(key: str) -> payload.Spec:
    """The fields of a form as an endpoint reads them; computed ones cannot be sent."""
    return make_spec(registry.form(key))


def make_spec(form: Form) -> payload.Spec:
    """Turn a definition into field kinds of `kit.payload`."""
    return payload.Spec(*_columns(form, ""))


def _columns(form: Form, group: str) -> Iterator[payload.Field]:
    for field in form.columns(group):
        if field.type == "computed":
            continue
        kind = "uuid" if field.type.startswith("ref:") else _KINDS.get(field.type, "text")
        yield payload.Field(
            field.name,
            kind,
            options=registry.options(field.options).keys if field.options else frozenset(),
            many=field.many and kind not in ("groups", "multi_enum"),
            fields=tuple(_columns(form, field.key)) if kind == "groups" else (),
        )


def _answers(form: Form, values: Mapping[str, Any]) -> Iterator[tuple[str, Field, Any, Mapping[str, Any]]]:
    """Every field with its place and value, columns once a row."""
    for field in form.columns(""):
        if field.type == "computed":
            continue
        yield field.key, field, values.get(field.key), values
        for number, row in enumerate(values.get(field.key, ()) if field.type == "group" else ()):
            for column in form.columns(field.key):
                yield f"{field.key}-{number}-{column.name}", column, row.get(column.name), row


def _required(field: Field, values: Mapping[str, Any]) -> bool:
    if field.required_if is not None:
        return _holds(field.required_if, values)
    return field.req == "Y"


def _holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    if condition.unless and _found(condition.unless, values):
        return False
    found = _found(condition.field, values)
    return any(value in condition.holds for value in found) if condition.holds else bool(found)


def _found(key: str, values: Mapping[str, Any]) -> list[Any]:
    """Every value under a key: of a field, of the members of a list, or of a column in any row."""
    group, _, name = key.rpartition(".")
    rows = values.get(group, []) if group else [values]
    found: list[Any] = []
    for row in rows:
        value = row.get(name)
        found += value if isinstance(value, list) else [value]
    return [value for value in found if value not in (None, False, "")]


def _complaints(place: str, field: Field, value: Any, *, wanted: bool) -> Iterator[FieldError]:
    if value in (None, []):
        if wanted:
            yield FieldError(place, "required", N_("Fill this in"))
        return
    if field.many:
        yield from _counts(place, field, len(value))
    if field.must_be is not None and wanted and value is not field.must_be:
        yield FieldError(place, "must_agree", N_("The form is not valid without this"))
    pattern = field.pattern or _PATTERNS.get(field.type, "")
    if pattern and not re.fullmatch(pattern, value):
        yield FieldError(place, "bad_format", N_("Write this in the form that is asked for"))


def _counts(place: str, field: Field, number: int) -> Iterator[FieldError]:
    if number < field.least:
        yield FieldError(place, "too_few", N_("At least %(least)s are needed"), (("least", field.least),))
    if field.most is not None and number > field.most:
        yield FieldError(place, "too_many", N_("At most %(most)s are possible"), (("most", field.most),))


def _minima(place: str, form: Form, field: Field, values: Mapping[str, Any]) -> Iterator[FieldError]:
    """How many rows of each kind a group needs (the order of a security team)."""
    for column in form.columns(field.key) if field.type == "group" else ():
        kinds = [row.get(column.name) for row in values.get(field.key, ())]
        for kind, least in column.at_least.items():
            if kinds and kinds.count(kind) < least:
                yield FieldError(place, f"too_few_{kind}", _TOO_FEW[kind], (("least", least),))
