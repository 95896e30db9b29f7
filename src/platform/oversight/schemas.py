"""The city's page: no person, no code, no free text in any field (R-066)."""

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
    weekly_reports_long_silent: int


class CityMonth(msgspec.Struct, frozen=True, kw_only=True):
    """All schools in one month, by name: never a ranking."""

    month: int
    earlier: int
    later: int | None
    rows: list[SchoolRow]
