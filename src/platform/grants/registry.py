"""What can be asked for: names of an incident, records whose glass can be broken; their owners register them."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from src.platform.db.unit import Unit
from src.platform.tenants.schemas import Member

NAMES, GLASS = "names", "glass"
Deciders = Callable[[Unit, list[Member], UUID, str], Awaitable[list[Member]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request.

    `asking` and `deciding` are permissions on the record; whoever is in conflict there has neither. `deciders` are
    those of some members to whom a permission opens a record. `find`: the record that somebody typed, None where
    there is none for them. `answering`: who hears that glass was broken and looks at it afterwards, else who decides.
    `codes`: what deciders call records that have no number. `told` runs when glass is broken: who else must hear.
    """

    kind: str
    resource: str
    asking: str
    deciding: str
    reading: str
    id_column: InstrumentedAttribute[UUID]
    deciders: Deciders
    find: Callable[[Unit, str], Awaitable[UUID | None]]
    answering: str = ""
    codes: Callable[[Unit, Collection[UUID]], Awaitable[dict[UUID, str]]] | None = None
    told: Callable[[Unit, UUID], Awaitable[None]] | None = None


_kinds: dict[tuple[str, str], Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError when it is."""
    key = kind.kind, kind.resource
    if key in _kinds:
        raise ValueError(key)
    _kinds[key] = kind


def find(kind: str, resource: str) -> Kind:
    """One kind. Raises KeyError."""
    return _kinds[kind, resource]


def kinds() -> list[Kind]:
    """All of them."""
    return list(_kinds.values())
