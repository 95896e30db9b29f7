"""The calendar of the unit's organisation."""

import msgspec
from sqlalchemy import select

from src.platform.db.unit import Unit
from src.platform.tenants import service as tenants
from src.platform.workdays.calendar import WorkCalendar
from src.platform.workdays.models import CalendarOverride, SchoolYearRow
from src.platform.workdays.schemas import SchoolYear

_WEEKS = {5: "five", 6: "six"}


async def calendar(unit: Unit) -> WorkCalendar:
    """Package, overrides of the region and the organisation's own week."""
    week = await tenants.setting(unit, "school_week")
    query = select(CalendarOverride.day, CalendarOverride.kind)
    query = query.where(CalendarOverride.week_type.in_(("both", _WEEKS[week])))
    rows = await unit.session.execute(query)
    return WorkCalendar(
        school_week=week, overrides={row.day: row.kind for row in rows.all()}, years=await school_years(unit)
    )


async def school_years(unit: Unit) -> tuple[SchoolYear, ...]:
    """Every school year that somebody entered, the earliest first."""
    rows = (await unit.session.scalars(select(SchoolYearRow).order_by(SchoolYearRow.code))).all()
    return tuple(
        msgspec.convert({"code": row.code, "quarters": row.quarters, "vacations": row.vacations}, SchoolYear)
        for row in rows
    )
