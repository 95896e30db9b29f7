"""What the partner's side sees: the inbox, its own file on a child, the week that is due."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from src.platform.referrals.schemas import ReferralRow

BOXES = ("waiting", "new", "due", "serving", "ended", "all")
"""Waiting for us is what is new and what owes a report."""
PROGRESS = ("good", "slight", "none", "worse")
OUTCOMES = ("attended", "missed", "struck")
ENDINGS = ("family_refused", "no_contact", "moved_away", "needs_another_service", "no_capacity")
"""Why a service is broken off [D]; `completed` is no reason."""


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """One page of one box, and how much is in each."""

    box: str
    counts: dict[str, int]
    rows: list[ReferralRow]
    after: str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting with the child on a day."""

    held_on: date
    outcome: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What our side wrote down for itself."""

    written_at: datetime
    author: str
    text: str


class OwnFile(msgspec.Struct, frozen=True, kw_only=True):
    """Our own file on a referral: the other side sees nothing of it."""

    id: UUID
    code: str
    state: str
    notes: list[Note]
    sessions: list[Session]
    may: list[str]


class WeekForm(msgspec.Struct, frozen=True, kw_only=True):
    """The weeks that owe a report, the earliest chosen, with the meetings of each week counted."""

    id: UUID
    code: str
    weeks: list[str]
    week: str
    counted: dict[str, list[int]]
    """Week -> meetings planned, meetings attended."""


class EndForm(msgspec.Struct, frozen=True, kw_only=True):
    """A referral on a page of one step."""

    id: UUID
    code: str
    version: int
    state: str
