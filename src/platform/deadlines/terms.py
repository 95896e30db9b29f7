"""Computing a term: pure, from a clock, a start and a calendar (calendar.md 4: the first day is not counted)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from src.platform.deadlines.catalogue import Clock
from src.platform.kit.clock import local_date
from src.platform.workdays.calendar import WorkCalendar, add_months, at_local, end_of_day, monday_of, week_of
from src.platform.workdays.schemas import Skipped


@dataclass(frozen=True, slots=True)
class Terms:
    """When an obligation turns amber and when it is overdue, and with which calendar that was computed.

    `explanation` lists the days the limit did not count or was moved over.
    """

    started_at: datetime
    target_at: datetime
    due_at: datetime
    calendar_version: str
    explanation: tuple[Skipped, ...] = ()


def compute(clock: Clock, started_at: datetime, calendar: WorkCalendar, *, week: str = "", step: str = "") -> Terms:
    """The terms of a clock that starts at a moment.

    A clock of a period ends with the period in which the start lies; `week` names another ISO week. `step` names a
    later part of the same duty with a limit of its own. Raises SchoolYearUnknown.
    """
    base = _base(clock, local_date(started_at), calendar, week)
    target, limit = (clock.steps[step],) * 2 if step else (clock.target, clock.limit)
    target_day, due_day = (_move(clock, _count(clock, base, count, calendar), calendar) for count in (target, limit))
    target_at, due_at = (_moment(clock, day) for day in (target_day, due_day))
    return Terms(
        started_at,
        started_at if clock.at_once else target_at,
        due_at,
        calendar.version,
        _explain(clock, base, limit, due_day, calendar),
    )


def ends_on(clock: Clock, day: date, calendar: WorkCalendar) -> datetime:
    """When a term ends whose last day somebody chose: at its hour, and a working term on a working day."""
    working = clock.day == "working" or clock.moved == "next_working"
    return _moment(clock, calendar.next_working(day) if working else day)


def runs(clock: Clock, started_at: datetime, calendar: WorkCalendar, *, week: str = "") -> bool:
    """Whether the duty exists in the period of this moment: right month, a week with lessons, no summer pause."""
    day = monday_of(week) if week else local_date(started_at)
    if clock.months and day.month not in clock.months:
        return False
    if clock.instructional_weeks_only and not calendar.instructional_week(monday_of(week_of(day))):
        return False
    if clock.day == "instructional" and clock.period is None and clock.limit == 0:
        return calendar.is_instructional(day)
    return clock.resumes is not None or not (clock.summer_pause and calendar.in_summer(day))


def _base(clock: Clock, start: date, calendar: WorkCalendar, week: str) -> date:
    """The day from which the term is counted: the start itself or the last day of its period."""
    match clock.period:
        case None:
            return start
        case "week":
            return monday_of(week or week_of(start)) + timedelta(days=clock.weekday - 1)
        case "month":
            return add_months(start.replace(day=1), 1) - timedelta(days=1)
        case "quarter":
            return calendar.quarter(start).last
        case "school_year":
            return calendar.school_year(start).last
        case "date":
            return _next_date(clock.dates, start)


def _next_date(dates: list[str], start: date) -> date:
    days = (_day_of(year, text) for year in (start.year, start.year + 1) for text in sorted(dates))
    return next(day for day in days if day >= start)


def _day_of(year: int, text: str) -> date:
    month, day = text.split("-")
    return date(year, int(month), int(day))


def _count(clock: Clock, base: date, count: int, calendar: WorkCalendar) -> date:
    match clock.day:
        case "calendar":
            return base - timedelta(days=count) if clock.backwards else base + timedelta(days=count)
        case "working":
            return calendar.add_working(base, count)
        case "instructional":
            return calendar.instructional_day(base, count) if count else base
        case "instructional_week":
            return calendar.end_of_instructional_week(base, count)
        case "month":
            return add_months(base, count)


def _move(clock: Clock, day: date, calendar: WorkCalendar) -> date:
    if clock.resumes and calendar.in_summer(day):
        day = _day_of(day.year, clock.resumes)
    match clock.moved:
        case "never":
            return day
        case "next_working":
            return calendar.next_working(day)
        case "previous_working":
            return calendar.previous_working(day)
        case "last_instructional":
            return _last_instructional(day, calendar)


def _last_instructional(day: date, calendar: WorkCalendar) -> date:
    """The day itself, or the last school day of its week; a week without lessons keeps the day (see `runs`)."""
    if calendar.is_instructional(day):
        return day
    return max(calendar.instructional_week(monday_of(week_of(day))), default=day)


def _moment(clock: Clock, day: date) -> datetime:
    return end_of_day(day) if clock.hour is None else at_local(day, time(clock.hour))


def _explain(clock: Clock, base: date, limit: int, due: date, calendar: WorkCalendar) -> tuple[Skipped, ...]:
    """Working terms name every day passed over; a moved term names the days between its own end and the new one."""
    if clock.day == "working":
        return calendar.skipped(base, due)
    first, last = sorted((_count(clock, base, limit, calendar), due))
    return calendar.skipped(first - timedelta(days=1), last) if first != last else ()
