"""The page as its reader sees it: numbers of the reader's own list, and nobody in them."""

from datetime import date, datetime
from typing import NamedTuple

import msgspec


class Numbers(NamedTuple):
    """What one statement counted; places, days and times are null where nobody said them.

    `cells`: place, weekday, time of day, number. `people`: grade, part in the incident, number.
    """

    days: dict[date, int]
    cells: list[tuple[str, int | None, str | None, int]]
    behaviours: dict[str, int]
    people: list[tuple[int | None, str, int]]
    lacks: dict[str, int]
    waiting: int
    overdue: int


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A week or a month of the trend, and how many there were a year before."""

    first: date
    last: date
    number: int
    before: int


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many of one kind, and the address of the list that holds exactly these."""

    key: str
    number: int
    rows_at: str


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a matrix; `level` is 0 for none, 4 for the most."""

    key: str
    number: int
    level: int
    rows_at: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a matrix."""

    key: str
    cells: list[Cell]


class HotSpot(msgspec.Struct, frozen=True, kw_only=True):
    """A place at a time of day where more than one incident happened (R-247)."""

    place: str
    daytime: str
    number: int
    rows_at: str


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """How often students of a grade stand in an incident, by their part; None: in no class of today."""

    grade: int | None
    alleged_offender: int = 0
    victim: int = 0
    both: int = 0
    witness: int = 0


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something missing in the records, how often, and where it is mended."""

    key: str
    number: int
    rows_at: str


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """The five questions, the hot spots and the gaps of one period."""

    period: str
    first: date
    last: date
    total: int
    total_at: str
    before: int
    by_month: bool
    trend: list[Moment]
    behaviours: list[Counted]
    places: list[Counted]
    weekdays: list[Row]
    grades: list[Grade]
    matrix: list[Row]
    hot_spots: list[HotSpot]
    gaps: list[Gap]
    may: list[str]


class CommitteePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """A period that is over, from `month` to `last` (YYYYMM); `revision` 0: nothing is confirmed."""

    month: int
    last: int
    revision: int
    confirmed_at: datetime | None


class CommitteePeriods(msgspec.Struct, frozen=True, kw_only=True):
    """The periods of reports to the parents' committee; `months` is how long one is."""

    rows: list[CommitteePeriod]
    months: int


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a report in sentences of the reader's language."""

    title: str
    lines: list[str]


class CommitteePage(msgspec.Struct, frozen=True, kw_only=True):
    """A report; `revision` 0 is how it would be now, `seen` says which one a confirmation is about.

    `reason`: why the version before was corrected, for who prepares reports.
    """

    month: int
    months: int
    revision: int
    newest: int
    confirmed_at: datetime | None
    sections: list[Said]
    note: str | None
    reason: str | None
    address: str
    numbers: list[str]
    seen: str
    may: list[str]
