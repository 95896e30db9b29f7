"""Form E as its readers see it. There is no field for a person (R-053, R-066)."""

from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.deadlines.service import Due


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """One number with its printed label, the rule it follows, and the list it counts where the reader has that list.

    `group` is what stands over the numbers of one question.
    """

    key: str
    label: str
    value: int
    rule: str
    group: str = ""
    rows_at: str | None = None


class MonthRow(msgspec.Struct, frozen=True, kw_only=True):
    """A month in the list."""

    id: UUID
    month: int
    state: str
    revision: int
    clock: Due | None


class MonthList(msgspec.Struct, frozen=True, kw_only=True):
    """The months that are over, and the one that goes on."""

    rows: list[MonthRow]
    running: int
    opens_at: datetime


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A confirmed form of the month, and why it was opened again after that."""

    revision: int
    confirmed_at: datetime
    reason: str | None


class MonthView(msgspec.Struct, frozen=True, kw_only=True):
    """One month. `counts` are empty for who only follows it; `seen` says which numbers a confirmation is about."""

    id: UUID
    month: int
    state: str
    revision: int
    shown: int
    clock: Due | None
    history: list[Revision]
    counts: list[Count]
    is_frozen: bool
    confirmed_at: datetime | None
    seen: str
    note: str | None
    may: list[str]
    version: int


class CityRow(msgspec.Struct, frozen=True, kw_only=True):
    """A school and its newest confirmed form of a month."""

    school: str
    district: str | None
    form_id: UUID | None
    revision: int
    confirmed_at: datetime | None


class CityForms(msgspec.Struct, frozen=True, kw_only=True):
    """Every school of the region in one month, by name."""

    month: int
    earlier: int
    later: int | None
    rows: list[CityRow]


class CityForm(msgspec.Struct, frozen=True, kw_only=True):
    """One confirmed form as the city keeps it."""

    id: UUID
    school: str
    month: int
    revision: int
    newest: bool
    confirmed_at: datetime
    counts: list[Count]
    note: str | None
