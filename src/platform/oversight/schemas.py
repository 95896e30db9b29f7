"""The city's page: no person, no code, no free text in any field (R-066)."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class SchoolRow(msgspec.Struct, frozen=True, kw_only=True):
    """One school's month."""

    tenant_id: UUID
    name: str
    district: str | None
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


class CityMonth(msgspec.Struct, frozen=True, kw_only=True):
    """All schools in one month, by name: never a ranking."""

    month: int
    earlier: int
    later: int | None
    rows: list[SchoolRow]


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


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of the filter."""

    id: UUID
    name: str


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
