"""What students and parents see: their own reports, and of an incident what the team told about the own child."""

from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.incidents.schemas import Progress


class FamilyHome(msgspec.Struct, frozen=True, kw_only=True):
    """The first page: what I told and how far it is (R-057), whom to call (R-260)."""

    reports: list[Progress]
    has_children: bool
    emergency_numbers: list[str]
    school_slug: str


class OwnChild(msgspec.Struct, frozen=True, kw_only=True):
    """A child of the reader."""

    id: UUID
    name: str


class TellForm(msgspec.Struct, frozen=True, kw_only=True):
    """The empty form for a child or a parent."""

    children: list[OwnChild]
    emergency_numbers: list[str]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that concerns a child of the reader: when the school told it, and how far it is."""

    id: UUID
    told_at: datetime
    state: str


class ChildRow(msgspec.Struct, frozen=True, kw_only=True):
    """A child of the reader, with what the school told about it."""

    name: str
    told: list[Told]


class MyChildren(msgspec.Struct, frozen=True, kw_only=True):
    """All that a parent sees (R-062); `contacts` are the people of the security team to turn to."""

    children: list[ChildRow]
    contacts: list[str]
    emergency_numbers: list[str]


class ToldChild(msgspec.Struct, frozen=True, kw_only=True):
    """What the school does for one child."""

    name: str
    measures: str


class ToldIncident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident for a parent: nothing of anybody but the own child."""

    told_at: datetime
    state: str
    children: list[ToldChild]
    contacts: list[str]
    emergency_numbers: list[str]


class ChildToTell(msgspec.Struct, frozen=True, kw_only=True):
    """A child of an incident for the team: what its parents were told, and when; `version` 0: nothing yet."""

    participation_id: UUID
    code: str
    told_at: datetime | None
    measures: str
    version: int
    nothing_goes_back: bool


class TellParents(msgspec.Struct, frozen=True, kw_only=True):
    """The children of an incident whose parents may be told."""

    id: UUID
    number: str
    children: list[ChildToTell]


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A child of an incident and whether the parents know; never told: a parent who is the alleged offender.

    `nothing_goes_back`: it lives in a residential institution or may, so only the guardianship body is told (R-170).
    """

    participation_id: UUID
    code: str
    involvement: str
    parent_is_accused: bool
    informed: str | None
    informed_at: datetime | None
    reason: str | None
    is_open: bool
    residential: bool | None
    nothing_goes_back: bool
    version: int = 1


class ParentsView(msgspec.Struct, frozen=True, kw_only=True):
    """The children of an incident, with the task that stands open for each."""

    id: UUID
    number: str
    children: list[Child]
