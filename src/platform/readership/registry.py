"""Kinds of record whose owner may ask who can see them; the module that owns the record names it here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from src.platform.db.together import Read


class Stands(NamedTuple):
    """Somebody who stands in a record: the row that they stand in it by, the word of their code, the sealed link."""

    owner_id: UUID
    word: str
    link: bytes


@dataclass(frozen=True, slots=True)
class People:
    """Who stands in a record, for the question who looked for them: a list of rows, and one of them as a person."""

    rows: Callable[[UUID], Read[Any]]
    person: Callable[[Any], Stands]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: the resource of the policy and its columns.

    `number` is what the record is called, where it is not called by the child's code; `parties` are the author and
    the peer of a row that two organisations share; `also` are permissions that open a part of the record; `people` are
    those whose every class `show_readers` comes with, and never who reported.
    """

    resource: str
    id_column: InstrumentedAttribute[UUID]
    number: InstrumentedAttribute[str] | None = None
    parties: tuple[InstrumentedAttribute[UUID], InstrumentedAttribute[UUID]] | None = None
    also: tuple[str, ...] = ()
    people: People | None = None

    @property
    def reading(self) -> str:
        """The permission that opens a record."""
        return f"{self.resource}.read"

    @property
    def opening(self) -> tuple[str, ...]:
        """Every permission that opens the record or a part of it."""
        return (self.reading, *self.also)

    @property
    def asking(self) -> str:
        """The permission to ask who can see a record."""
        return f"{self.resource}.show_readers"


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError when it is."""
    if kind.resource in _kinds:
        raise ValueError(kind.resource)
    _kinds[kind.resource] = kind


def find(resource: str) -> Kind:
    """The kind of a resource. Raises KeyError."""
    return _kinds[resource]


def kinds() -> tuple[Kind, ...]:
    """Every kind that is known."""
    return tuple(_kinds.values())
