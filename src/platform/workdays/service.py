"""The calendar of the unit's organisation."""

from sqlalchemy import select

from src.platform.db.unit import Unit
from src.platform.tenants import service as tenants
from src.platform.workdays.calendar import WorkCalendar
from src.platform.workdays.models import CalendarOverride

_WEEKS = {5: "five", 6: "six"}


async def calendar(unit: Unit) -> WorkCalendar:
    """Package, overrides of the region and the organisation's own week."""
    week = await tenants.setting(unit, "school_week")
    query = select(CalendarOverride.day, CalendarOverride.kind)
    query = query.where(CalendarOverride.week_type.in_(("both", _WEEKS[week])))
    rows = await unit.session.execute(query)
    return WorkCalendar(school_week=week, overrides={row.day: row.kind for row in rows.all()})
