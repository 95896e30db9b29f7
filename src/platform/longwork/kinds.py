"""Kinds of long work. A module registers its own; the worker and the pages know them by name."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from src.platform.db.unit import Unit


class Piece(NamedTuple):
    """A piece of work as its step sees it: what it is about, and how far it is."""

    id: UUID
    subject_id: UUID
    number: int
    plan: list[UUID]
    turn: int
    done: int
    total: int


class Part(NamedTuple):
    """A file that a step made; `name` says nothing about anybody."""

    name: str
    content: bytes


class Went(NamedTuple):
    """How far it is after a step; `is_elsewhere`: another organisation does it now and gives the work back."""

    done: int
    is_over: bool
    part: Part | None = None
    is_elsewhere: bool = False


Step = Callable[[Unit, Piece], Awaitable[Went]]
Undo = Callable[[Unit, Piece], Awaitable[None]]
Hand = Callable[[Unit, UUID, bytes], Awaitable[bytes | None]]


class Kind(NamedTuple):
    """`step` does one batch, in the worker, as the person who asked and with what that person may do then.

    `undo` throws away what a cancelled piece leaves; one with it cannot go on. What is `shared` is seen by everybody
    who has the permission, else only by who asked. `leads_to` is where its effect is seen. `counted` says in words,
    with %(done)s and %(total)s, how far it is; `finished` stands there when it has ended without a file. `file` names
    the files together. `hand` decides when files are taken: it gets the record of the plan that a file is about and
    what the step kept, and gives what is handed over, or None where who asked may not read that any more.
    """

    name: str
    title: str
    counted: str
    permission: str
    step: Step
    leads_to: str
    undo: Undo | None = None
    shared: bool = False
    file: str = ""
    finished: str = ""
    hand: Hand | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Raises ValueError for a name that is taken."""
    if kind.name in _kinds:
        raise ValueError(kind.name)
    _kinds[kind.name] = kind
    return kind


def of(name: str) -> Kind:
    """The kind of that name. Raises KeyError."""
    return _kinds[name]


def shared_with(may: Callable[[str], bool]) -> list[str]:
    """The shared kinds whose permission somebody has."""
    return [one.name for one in _kinds.values() if one.shared and may(one.permission)]
