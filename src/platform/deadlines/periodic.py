"""Duties of the organisation that begin by themselves: the team's weekly meeting (R-008).

One moment wakes the next one, like the partner's weeks: a scheduler that was down for days opens exactly what is
missing, and a period that is open already stays as it is.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, true

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import readers, service
from src.platform.deadlines.catalogue import clocks
from src.platform.deadlines.terms import runs
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.workdays import calendar
from src.platform.workdays import service as workdays

WEEKLY = "clk_team_meeting"
_SEES = "obligation.oversee"
_MONDAY = 0


async def open_periods(unit: Unit, day: int) -> None:
    """Open what begins on a local day (YYYYMMDD), and wake for the next one. Twice is as once."""
    today = date.fromisoformat(str(day))
    if today.weekday() == _MONDAY:
        await _open_week(unit, today)
    after = calendar.add_days(today, 7 - today.weekday())
    args = {"day": int(f"{after:%Y%m%d}")}
    await outbox.wake(unit, calendar.at_local(after, calendar.MIDNIGHT), tenants.OPEN_PERIODS, args)


async def note_meeting(unit: Unit, obligation_id: UUID, version: int, held_at: datetime) -> None:
    """The team has met this week without an incident to decide on (R-008). Raises NotFound, Invalid."""
    access.require(unit, "team.note_meeting")
    found = await service.locked(unit, obligation_id, version)
    if found.row.code != WEEKLY:
        raise NotFound
    week = calendar.week_of(clock.local_date(held_at))
    if held_at > clock.now() or week != found.row.period:
        message = N_("Choose a time of this very week that has passed")
        raise Invalid(fields=[FieldError("held_at", "not_this_week", message)])
    await team_met(unit, held_at)
    audit.record(unit, "team.meeting_noted", service.OWN, [unit.tenant_id], detail={"week": week})


async def team_met(unit: Unit, held_at: datetime) -> None:
    """The team has met: its week is kept, at the time of the meeting."""
    week = calendar.week_of(clock.local_date(held_at))
    await service.meet(unit, WEEKLY, unit.tenant_id, held_at, period=week)


async def _open_week(unit: Unit, monday: date) -> None:
    start = calendar.at_local(monday, calendar.MIDNIGHT)
    if runs(clocks()[WEEKLY], start, await workdays.calendar(unit)):
        await service.start(unit, WEEKLY, service.OWN, unit.tenant_id, start, period=calendar.week_of(monday))


async def _may_read(_unit: Unit, members: list[Member], _id: UUID) -> list[Member]:
    return [one for one in members if access.has_module(one.roles, _SEES)]


def _visible(roles: frozenset[str], _id: readers.Id, _opened: str) -> ColumnElement[bool]:
    return true() if access.has_module(roles, _SEES) else false()


readers.register(service.OWN, readers.Kind(_may_read, _visible))
