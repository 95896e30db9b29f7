"""The calendar of the unit's organisation."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.tenants import service as tenants
from src.platform.workdays.calendar import WorkCalendar
from src.platform.workdays.models import CalendarOverride, SchoolYearRow
from src.platform.workdays.schemas import SchoolYear

_OVERRIDES = Read(("calendar_override",), select(CalendarOverride), {}, lasting=True)
_YEARS = Read(("school_year",), select(SchoolYearRow).order_by(SchoolYearRow.code), {}, lasting=True)
_WEEKS = {5: "five", 6: "six"}


def reads() -> list[Read[Any]]:
    """What `calendar` is made of, for a statement that asks for it together with its own."""
    return [tenants.all_settings(), _OVERRIDES, _YEARS]


async def calendar(unit: Unit) -> WorkCalendar:
    """Package, overrides of the region and the organisation's own week."""
    await together.prefetch(unit.session, *reads())
    week = await tenants.setting(unit, "school_week")
    days = await together.rows(unit.session, _OVERRIDES)
    overrides: dict[date, Any] = {one.day: one.kind for one in days if one.week_type in ("both", _WEEKS[week])}
    return WorkCalendar(school_week=week, overrides=overrides, years=await school_years(unit))


async def school_years(unit: Unit) -> tuple[SchoolYear, ...]:
    """Every school year that somebody entered, the earliest first."""
    rows = await together.rows(unit.session, _YEARS)
    return tuple(
        msgspec.convert({"code": row.code, "quarters": row.quarters, "vacations": row.vacations}, SchoolYear)
        for row in rows
    )


async def enter_day(unit: Unit, day: date, week_type: str, kind: str, act: str) -> bool:
    """A day off or a working day that an act makes, from the region operator's context; False if it is there already.

    Clocks that run are not computed again (R-244).
    """
    values = {"day": day, "week_type": week_type, "kind": kind, "act": act}
    query = insert(CalendarOverride).values(**values).on_conflict_do_nothing().returning(CalendarOverride.day)
    entered = (await unit.session.scalars(query)).one_or_none() is not None
    if entered:
        audit.record(unit, "calendar.day_entered", "calendar", detail={"day": day.isoformat(), "kind": kind})
    return entered
