"""Cases as readers see them."""

from datetime import datetime
from uuid import UUID

import msgspec


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: the child as a code."""

    id: UUID
    code: str
    side: str
    state: str
    opened_at: datetime
    manager: str | None


class CaseList(msgspec.Struct, frozen=True):
    """One page, the newest first; `after` leads to the next one, `state` is what was asked for."""

    rows: list[CaseRow]
    after: str | None = None
    state: str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """A member who may be appointed."""

    membership_id: UUID
    name: str


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """One note of the monitoring of a victim."""

    noted_at: datetime
    author: str
    text: str
    stopped: bool


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """One case for one reader; the name only where one press asked for it."""

    id: UUID
    code: str
    side: str
    state: str
    opened_at: datetime
    version: int
    manager: str | None
    may: list[str]
    monitored_since: datetime | None = None
    violence_stopped_at: datetime | None = None
    notes: list[Noted] = []
    candidates: list[Candidate] = []
    name: str | None = None


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """Children's measures of a period as Form E counts them."""

    assessments_done: int
    in_secondary: int
    in_tertiary: int
