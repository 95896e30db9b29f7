"""Clocks as other modules, pages and programs see them."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from src.platform.deadlines.states import State


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How the clocks of one code ended that fell due in a month; `reached_city`: missed so often in a row."""

    code: str
    met_in_time: int
    met_late: int
    missed: int
    reached_city: int = 0


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """How many clocks of one code that fell due in a month were met after so many whole hours."""

    code: str
    hours: int
    number: int


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A clock as pages show it."""

    id: UUID
    code: str
    subject_kind: str
    subject_id: UUID
    period: str
    started_at: datetime
    target_at: datetime
    due_at: datetime
    state: State
    clause: str
    at_once: bool = False
    label: str = ""


class Running(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A running clock as another statement reads it beside a record of its own."""

    id: UUID
    code: str
    subject_kind: str
    subject_id: UUID
    period: str
    started_at: datetime
    target_at: datetime
    due_at: datetime
    met_at: None = None
    cancelled_at: None = None


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of a kind stand so by the clock that is due first; each leads to exactly that list."""

    subject_kind: str
    state: State
    number: int


class ToldLine(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the ladder as it ran."""

    rung: str
    role: str
    name: str
    stands_in: bool
    at: datetime


class ChangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One stop or extension; `agreed` is empty while it waits for the second look. `may_decide`: this reader may."""

    id: UUID
    kind: str
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    agreed: bool | None
    due_before: datetime
    due_after: datetime | None
    version: int
    may_decide: bool


class ClockPage(msgspec.Struct, frozen=True, kw_only=True):
    """A clock with its whole story. `told` and `changes` are for who oversees clocks, `told_me` for everybody.

    `may` are verbs: extend, stop, note_meeting.
    """

    clock: Due
    why: str
    source: str
    rules: list[str]
    decided: bool
    responsible: str
    responsible_role: str
    calendar_version: str
    met_at: datetime | None
    overdue_at: datetime | None
    ended_at: datetime | None
    stopped: bool
    in_a_row: int
    told: list[ToldLine]
    told_me: list[datetime]
    changes: list[ChangeLine]
    fixed: bool
    second_look: bool
    version: int
    may: list[str]


class ObligationList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of clocks. `scopes` are the lists that this reader may choose from."""

    rows: list[Due]
    whose: str
    scopes: list[str]
    codes: list[str]
    after: str | None
    query: str
    narrowed: bool


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """My calendar's address: since when there is one; the address itself is shown once, when it is made."""

    made_at: datetime | None
    address: str = ""


class AbsenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who is away, from when to when, and who stands in."""

    id: UUID
    name: str
    first_day: date
    last_day: date
    deputy: str
    version: int
    mine: bool


class Person(msgspec.Struct, frozen=True):
    """A colleague to choose."""

    membership_id: UUID
    name: str


class AbsencePage(msgspec.Struct, frozen=True, kw_only=True):
    """Absences that are not over: my own, and everybody's for who keeps them."""

    rows: list[AbsenceRow]
    colleagues: list[Person]
    keeps: bool
    me: UUID
