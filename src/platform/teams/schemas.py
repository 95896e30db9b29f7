"""The security team as other modules, pages and programs see it."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """The order of a team."""

    id: UUID
    school_year: str
    order_no: str
    order_date: date
    activated_at: datetime | None


class TeamMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member without the name; `trained_on` is empty until the programme training (R-006)."""

    membership_id: UUID
    user_id: UUID
    person_id: UUID
    kind: str
    trained_on: date | None
    is_leader: bool
    is_deputy: bool


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the director orders."""

    school_year: str
    order_no: str
    order_date: date


class Minimum(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the checklist."""

    code: str
    have: int
    least: int
    met: bool


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A member on the page."""

    id: UUID
    membership_id: UUID
    name: str
    kind: str
    trained_on: date | None
    is_leader: bool
    is_deputy: bool
    on_duty: bool


class TeamView(msgspec.Struct, frozen=True, kw_only=True):
    """One team; `ready` when every minimum is met and everybody is trained (R-006)."""

    id: UUID
    school_year: str
    order_no: str
    order_date: date
    status: str
    version: int
    seats: list[Seat]
    checklist: list[Minimum]
    ready: bool
    may: list[str]


class Candidate(msgspec.Struct, frozen=True):
    """An employee who may be taken into a team."""

    membership_id: UUID
    name: str


class TeamPage(msgspec.Struct, frozen=True, kw_only=True):
    """The active team and the one in preparation; school years that an order may name."""

    teams: list[TeamView]
    candidates: list[Candidate]
    school_years: list[str]
    may_draft: bool
