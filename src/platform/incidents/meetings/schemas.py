"""Meetings as readers see them."""

from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.incidents.schemas import Colleague


class AgendaItem(msgspec.Struct, frozen=True, kw_only=True):
    """One incident on an agenda, with who was invited and came for it."""

    incident_id: UUID
    number: str
    state: str
    invited: list[str]
    attended: list[str]
    held_at: datetime | None
    decided: bool
    outcome: str | None


class MeetingView(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting as far as one reader may see it; an item in conflict is not in it, and leaves no gap."""

    id: UUID
    planned_for: datetime
    items: list[AgendaItem]
    invited: list[Colleague]
    may: list[str]
    version: int = 1


class MeetingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of meetings."""

    id: UUID
    planned_for: datetime
    numbers: list[str]
    decided: bool


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that waits for the team's decision; `planned`: it stands on an agenda already."""

    id: UUID
    number: str
    urgency: str
    reported_at: datetime
    planned: bool


class MeetingList(msgspec.Struct, frozen=True, kw_only=True):
    """Meetings, the newest first, and what may stand on the next agenda."""

    rows: list[MeetingRow]
    waiting: list[Waiting]
