"""Two people wrote the same form: what one typed beside what the other stored, field by field, so that neither is lost.

A route gives `merge=` to `form()`; the page that it makes posts the choices to the same address with the new version.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from src.platform.kit import clock
from src.platform.kit.payload import Field, Spec


class Differing(NamedTuple):
    """A field that both filled differently. `kind` is that of the field; a list may keep the choices of both."""

    name: str
    kind: str
    mine: list[str]
    stored: list[str]

    @property
    def both(self) -> list[str]:
        """Everything that one of the two chose or wrote."""
        return list(dict.fromkeys([*self.stored, *self.mine]))


class Merge(NamedTuple):
    """`same` is sent again unasked; `differing` waits for a choice."""

    same: list[tuple[str, str]]
    differing: list[Differing]


def compare(spec: Spec, typed: Mapping[str, Any], stored: Mapping[str, Any], apart: frozenset[str]) -> Merge:
    """What was typed against what is stored now; fields of `apart` (the version) are left out.

    A field that was left empty takes nothing away from what is stored, except a box that was not ticked.
    """
    same, differing = list[tuple[str, str]](), list[Differing]()
    for field in spec:
        if field.name in apart:
            continue
        mine, theirs = _as_sent(field, _typed(field, typed)), _as_sent(field, stored.get(field.name))
        if (mine and theirs and _is_other(mine, theirs)) or (field.kind == "bool" and mine != theirs):
            differing.append(Differing(field.name, field.kind, mine, theirs))
        else:
            same += [(field.name, value) for value in mine or theirs]
    return Merge(same, differing)


def _typed(field: Field, typed: Mapping[str, Any]) -> Any:
    parts = [str(typed.get(f"{field.name}-{part}", "")) for part in ("year", "month", "day")]
    return "-".join(part.zfill(2) for part in parts) if field.kind == "date" and all(parts) else typed.get(field.name)


def _is_other(mine: list[str], theirs: list[str]) -> bool:
    return [" ".join(one.split()) for one in sorted(mine)] != [" ".join(one.split()) for one in sorted(theirs)]


def _as_sent(field: Field, value: Any) -> list[str]:
    """A value as a form would send it: one text each, none where it is empty."""
    if isinstance(value, list | tuple):
        return [text for one in value for text in _as_sent(field, one)]
    if isinstance(value, bool):
        return ["yes"] if value else (["no"] if field.kind == "enum" else [])
    if value is None or (isinstance(value, str) and not value.strip()):
        return []
    if field.kind == "bool":
        return [] if str(value) in ("false", "no", "0") else ["yes"]
    return [_as_typed(value)]


def _as_typed(value: Any) -> str:
    """A single value in the form of its input."""
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.LOCAL_ZONE):%Y-%m-%dT%H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)
