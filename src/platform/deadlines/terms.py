"""Computing a term: pure, from a clock, a start and a calendar (calendar.md 4: the first day is not counted)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from src.platform.deadlines.catalogue import Clock
from src.platform.kit.clock import local_date
from src.platform.workdays.calendar import WorkCalendar, at_local, end_of_day, monday_of

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Terms:
    """When an obligation turns amber and when it is overdue, and with which calendar that was computed."""

    started_at: datetime
    target_at: datetime
    due_at: datetime
    calendar_version: str


def compute(clock: Clock, started_at: datetime, calendar: WorkCalendar, *, week: str = "") -> Terms:
    """The terms of a clock that starts at a moment; `week` names the ISO week of a weekly clock."""
    day = local_date(started_at)
    if clock.day == "calendar":
        target, due = (end_of_day(day + timedelta(days=count)) for count in (clock.target, clock.limit))
    elif clock.day == "working":
        target, due = (end_of_day(calendar.add_working(day, count)) for count in (clock.target, clock.limit))
    else:
        first = calendar.next_working(monday_of(week) + _WEEK)
        target = due = at_local(first, time(clock.hour or 0))
    return Terms(started_at, target, due, calendar.version)
