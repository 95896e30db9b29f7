"""The working calendar of one organisation (calendar.md 1-4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Literal

import holidays

from src.platform.kit.clock import LOCAL_ZONE

DayKind = Literal["holiday", "working"]
_YEARS = range(2024, 2036)
_DAY = timedelta(days=1)
_PACKAGE = version("holidays")
_END_OF_DAY = time(23, 59, 59)
MIDNIGHT = time(0)


@cache
def _kazakhstan() -> holidays.HolidayBase:
    """All years at once: the package knows working weekend days only of years it has generated."""
    return holidays.country_holidays("KZ", years=_YEARS)


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are working days for one organisation. `overrides` of the region or the organisation win."""

    school_week: Literal[5, 6] = 5
    overrides: Mapping[date, DayKind] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Names the rules a clock was computed with; an upgrade never moves a clock that runs."""
        own = repr((self.school_week, sorted(self.overrides.items())))
        return f"holidays-{_PACKAGE}-{sha256(own.encode()).hexdigest()[:8]}"

    def is_working(self, day: date) -> bool:
        """Not a weekly day off, not a holiday, plus working weekend days; overrides win."""
        if day in self.overrides:
            return self.overrides[day] == "working"
        known = _kazakhstan()
        if day in known.weekend_workdays and self.school_week == 5:  # noqa: PLR2004  # transfers are made for five-day weeks
            return True
        return day not in known and day.weekday() < self.school_week

    def add_working(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; the day itself is not counted."""
        while count:
            day += _DAY
            count -= self.is_working(day)
        return day

    def next_working(self, day: date) -> date:
        """`day` or the first working day after it."""
        while not self.is_working(day):
            day += _DAY
        return day

    def previous_working(self, day: date) -> date:
        """`day` or the last working day before it."""
        while not self.is_working(day):
            day -= _DAY
        return day

    def skipped(self, start: date, end: date) -> list[tuple[date, str]]:
        """Days between, that were not counted, with the holiday's Kazakh name or "" for a weekly day off."""
        span = (start + _DAY * n for n in range(1, (end - start).days + 1))
        return [(day, str(_kazakhstan().get(day, ""))) for day in span if not self.is_working(day)]


def end_of_day(day: date) -> datetime:
    """23:59:59 local time of a day, in UTC."""
    return at_local(day, _END_OF_DAY)


def at_local(day: date, moment: time) -> datetime:
    """A local time of a day, in UTC."""
    return datetime.combine(day, moment, LOCAL_ZONE).astimezone(UTC)


def week_of(day: date) -> str:
    """The ISO week of a day, e.g. `2026-W47`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> date:
    """The first day of an ISO week. Raises ValueError."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def week_after(week: str) -> str:
    """The next ISO week."""
    return week_of(monday_of(week) + timedelta(days=7))


def add_months(day: date, count: int) -> date:
    """The same day number `count` months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)  # noqa: PLR2004  # December
    last = (after - _DAY).day
    return date(year, month + 1, min(day.day, last))
