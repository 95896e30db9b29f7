"""What of a filled form a reader may see: a reader must hold every class of a field (decisions 14)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from src.platform.forms.definition import PERSON_TYPES, Field, Form

PersonClasses = Callable[[Any], frozenset[str]]
_WITHOUT_INVOLVEMENT = frozenset({"case-sensitive"})


@dataclass(frozen=True, slots=True)
class Cut:
    """The values that may be shown, and the keys of fields that the page calls hidden."""

    visible: dict[str, Any]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    readable: frozenset[str]
    person_classes: PersonClasses | None
    names_coded: bool

    def may_read(self, classes: frozenset[str]) -> bool:
        return classes <= self.readable

    def person(self, field: Field, value: Any) -> frozenset[str]:
        """Of several identity classes only those of the person's actual involvement count."""
        if self.person_classes is None or len(field.identity_classes) < 2:  # noqa: PLR2004  # “several” is two
            return field.classes
        return field.classes - field.identity_classes | self.person_classes(value) or _WITHOUT_INVOLVEMENT

    def text(self, field: Field, row: Mapping[str, Any]) -> frozenset[str]:
        """A text whose names are codes already is read by its other classes, notes by the interviewee's too."""
        others = field.classes - field.identity_classes
        if not self.names_coded or not others or (field.person and self.person_classes is None):
            return field.classes
        if not field.person or self.person_classes is None:
            return others
        return others | self.person_classes(row.get(field.person.rpartition(".")[2]))


def cut(
    form: Form,
    values: Mapping[str, Any],
    readable: frozenset[str],
    person_classes: PersonClasses | None = None,
    *,
    names_coded: bool = False,
) -> Cut:
    """Leave what the reader may see; keys that the form does not have fall away.

    `person_classes` gives the identity classes of a person's involvement in the linked incident; without it every
    class of the field is needed. `names_coded`: names in texts of `values` are codes or tokens already.
    """
    hidden: dict[str, None] = {}
    visible = _cut_row(form, "", values, _Reader(readable, person_classes, names_coded), hidden)
    return Cut(visible, tuple(hidden))


def _cut_row(
    form: Form, group: str, row: Mapping[str, Any], reader: _Reader, hidden: dict[str, None]
) -> dict[str, Any]:
    visible: dict[str, Any] = {}
    for field in form.columns(group):
        value = row.get(field.name)
        if field.type in PERSON_TYPES and value is not None:
            kept = _cut_people(field, value, reader)
            if kept != value:
                hidden[field.key] = None
            value = kept
        elif not reader.may_read(reader.text(field, row) if field.type == "longtext" else field.classes):
            hidden[field.key] = None
            continue
        elif field.type == "group":
            value = [_cut_row(form, field.key, one, reader, hidden) for one in value or ()]
        if value not in (None, []):
            visible[field.name] = value
    return visible


def _cut_people(field: Field, value: Any, reader: _Reader) -> Any:
    """A person or None; of a list those whose classes the reader holds."""
    if isinstance(value, list):
        return [one for one in value if reader.may_read(reader.person(field, one))]
    return value if reader.may_read(reader.person(field, value)) else None
