"""The city's page: no person, no code, no free text in any field (R-066)."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """How the terms of one measure ended."""

    measure: str
    in_time: int
    late: int
    missing: int

    @property
    def not_in_time(self) -> int:
        """Late or not at all."""
        return self.late + self.missing

    @property
    def due(self) -> int:
        """All terms that ended."""
        return self.in_time + self.late + self.missing


class SchoolRow(msgspec.Struct, frozen=True, kw_only=True):
    """One school's month: measure by measure, and the same numbers by name for programs."""

    tenant_id: UUID
    name: str
    district_id: UUID | None
    district: str | None
    is_counted: bool
    cells: list[Cell]
    screened_in_time: int
    screened_late_or_never: int
    investigated_in_time: int
    investigated_late_or_never: int
    decided_in_time: int
    decided_late_or_never: int
    serious_signs_late_or_never: int
    partner_answers_in_time: int
    partner_answers_late_or_never: int
    weekly_reports_in_time: int
    weekly_reports_late: int
    weekly_reports_missing: int
    form_e_in_time: int
    form_e_late_or_never: int
    weekly_reports_long_silent: int


class PlaceRow(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of a district's schools; the region has no `district_id` and `is_region`."""

    district_id: UUID | None
    name: str
    is_region: bool
    schools: int
    cells: list[Cell]


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of the chosen schools in one month of the trend."""

    month: int
    is_counted: bool
    cells: list[Cell]


class Median(msgspec.Struct, frozen=True, kw_only=True):
    """How many hours the middle one of many took; of fewer than ten, or of fewer than three schools, there is none."""

    clock: str
    hours: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Something to ask a school about: `kind` says what was noticed, `numbers` what stands in its sentence."""

    tenant_id: UUID
    school: str
    kind: str
    numbers: dict[str, int] = {}


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of the filter."""

    id: UUID
    name: str


class CityMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The schools of a region or a district in one month that is over, by name: never a ranking.

    `state` is made of the numbers of every school: the same ones have the same state, others another. `rows` and
    `questions` are those of one page of the `schools`, the `first` of them counted from 1; everything else is of all.
    Behind one tile there is also the `trend`, and sums are of its `measure` alone.
    """

    month: int
    earlier: int | None
    later: int | None
    state: str
    district: UUID | None
    measure: str | None
    months: list[int]
    districts: list[District]
    total: list[Cell]
    year_before: list[Cell] | None
    trend: list[Month]
    places: list[PlaceRow]
    schools: int
    first: int
    after: UUID | None
    rows: list[SchoolRow]
    medians: list[Median]
    questions: list[Question]


class ReleaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One release in the list of all: its number, its quarter (YYYYQ), when it was made."""

    id: UUID
    number: int
    quarter: int
    made_at: datetime


class StatisticsRow(msgspec.Struct, frozen=True, kw_only=True):
    """The children of a district by the columns of the table; None is hidden. The region has no `district_id`."""

    name: str
    district_id: UUID | None
    is_region: bool
    cells: list[int | None]


class StatisticsTable(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a release in the reader's language."""

    dimension: str
    title: str
    columns: list[str]
    rows: list[StatisticsRow]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A quarter without a release, and from which day it may have one."""

    quarter: int
    ready_on: date
    is_ready: bool


class CityChildren(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics about children: numbers of a frozen release, no person and no free text (R-066, R-067)."""

    release: ReleaseLine | None
    district: UUID | None
    releases: list[ReleaseLine]
    districts: list[District]
    tables: list[StatisticsTable]
    waiting: list[Waiting]


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """One table as it is kept: rows of (district, numbers), then the region's numbers, if there is more than one."""

    dimension: str
    values: list[str]
    rows: list[tuple[UUID | None, list[int | None]]]
    region: list[int | None]


class Punctuality(msgspec.Struct, frozen=True, kw_only=True):
    """How a partner's terms ended; how they divide is None where it would tell what came from one school."""

    due: int
    in_time: int | None
    late: int | None
    missing: int | None


class PartnerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A partner in one month, over all schools. None: nothing was due, or too little to be told (ADR 29)."""

    tenant_id: UUID
    name: str
    kind: str
    answers: Punctuality | None
    weekly: Punctuality | None


class PartnerQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Something to ask a partner."""

    partner: str
    kind: str
    number: int


class AgreementLine(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement that ends soon, or ended, without a later one of the same two."""

    school_id: UUID
    school: str
    partner: str
    service_types: list[str]
    last_day: date
    is_over: bool
    ended_early: bool


class CityPartners(msgspec.Struct, frozen=True, kw_only=True):
    """Partners in a month that is over; agreements as they are today; schools that have none in force."""

    month: int
    earlier: int | None
    later: int | None
    months: list[int]
    state: str
    today: date
    days: int
    rows: list[PartnerRow]
    agreements: list[AgreementLine]
    without: list[str]
    questions: list[PartnerQuestion]
