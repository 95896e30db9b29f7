"""Keeping the counters and showing them to the city."""

from collections import defaultdict
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import Invalid
from src.platform.kit.i18n import sort_key
from src.platform.oversight import repository
from src.platform.oversight.models import ProcessCounter
from src.platform.oversight.schemas import CityMonth, SchoolRow
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation

_SCREEN = ("clk_screen_urgent", "clk_screen_standard")
_FIRST_MONTH = 202401
_Month = dict[str, ProcessCounter]


async def refresh(unit: Unit, month: int) -> None:
    """Count one month of the unit's organisation anew; a rebuild gives the same numbers."""
    await repository.replace(unit, month, await deadlines.kept_in(unit, month))


async def city_month(unit: Unit, month: int | None) -> CityMonth:
    """Every school's counters of a month. Raises Invalid for a month that is none."""
    access.require(unit, "oversight.read")
    present = _present()
    chosen = month or present
    if not _FIRST_MONTH <= chosen <= present or not 1 <= chosen % 100 <= 12:  # noqa: PLR2004  # months
        raise Invalid(code="oversight.no_such_month")
    counted: dict[UUID, _Month] = defaultdict(dict)
    for row in await repository.counters(chosen):
        counted[row.tenant_id][row.clock] = row
    districts = await tenants.district_names(unit)
    schools = await tenants.organisations(unit, ["school"])
    rows = [_school(s, counted[s.id], districts, unit.language) for s in schools]
    audit.record(unit, "oversight.read", "oversight", detail={"month": chosen})
    return CityMonth(
        month=chosen,
        earlier=_shift(chosen, -1),
        later=_shift(chosen, 1) if chosen < present else None,
        rows=sorted(rows, key=lambda r: sort_key(r.name)),
    )


def _school(school: Organisation, month: _Month, districts: dict[UUID, str], language: str) -> SchoolRow:
    def in_time(*clocks: str) -> int:
        return sum(month[c].met_in_time for c in clocks if c in month)

    def late(*clocks: str) -> int:
        return sum(month[c].met_late + month[c].missed for c in clocks if c in month)

    weekly = month.get("clk_partner_weekly")
    return SchoolRow(
        tenant_id=school.id,
        name=school.name(language),
        district=districts.get(school.district_id) if school.district_id else None,
        screened_in_time=in_time(*_SCREEN),
        screened_late_or_never=late(*_SCREEN),
        investigated_in_time=in_time("clk_investigation"),
        investigated_late_or_never=late("clk_investigation"),
        decided_in_time=in_time("clk_team_classification"),
        decided_late_or_never=late("clk_team_classification"),
        serious_signs_late_or_never=late("clk_serious_forward"),  # how many there were is nobody's business
        partner_answers_in_time=in_time("clk_partner_answer"),
        partner_answers_late_or_never=late("clk_partner_answer"),
        weekly_reports_in_time=weekly.met_in_time if weekly else 0,
        weekly_reports_late=weekly.met_late if weekly else 0,
        weekly_reports_missing=weekly.missed if weekly else 0,
        form_e_in_time=in_time("clk_monthly_e"),
        form_e_late_or_never=late("clk_monthly_e"),
        weekly_reports_long_silent=weekly.reached_city if weekly else 0,
    )


def _present() -> int:
    today = clock.local_date(clock.now())
    return today.year * 100 + today.month


def _shift(month: int, by: int) -> int:
    year, number = divmod(month // 100 * 12 + month % 100 - 1 + by, 12)
    return year * 100 + number + 1
