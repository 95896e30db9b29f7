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
from src.platform.workdays.errors import SchoolYearUnknown
from src.platform.workdays.names import holiday_name, is_moved
from src.platform.workdays.schemas import Quarter, SchoolYear, Skipped

DayKind = Literal["holiday", "working"]
_YEARS = range(2024, 2036)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_SUMMER_ENDS = (8, 31)
_PACKAGE = version("holidays")
_END_OF_DAY = time(23, 59, 59)
MIDNIGHT = time(0)
_SEPTEMBER = 9


def statistical_quarter(day: date) -> int:
    """The three months of the calendar in which a day lies, as YYYYQ; school quarters are `WorkCalendar.quarter`."""
    return day.year * 10 + (day.month + 2) // 3


def days_of_quarter(quarter: int) -> tuple[date, date]:
    """The first and the last day of a quarter YYYYQ."""
    year, number = divmod(quarter, 10)
    after = date(year + number // 4, number % 4 * 3 + 1, 1)
    return date(year, number * 3 - 2, 1), after - _DAY


def quarter_before(quarter: int) -> int:
    """The quarter YYYYQ before one."""
    return statistical_quarter(days_of_quarter(quarter)[0] - _DAY)


def moments_of_quarter(quarter: int) -> tuple[datetime, datetime]:
    """Its first moment, and the first that lies in it no longer."""
    first, last = days_of_quarter(quarter)
    return datetime.combine(first, MIDNIGHT, LOCAL_ZONE), datetime.combine(last + _DAY, MIDNIGHT, LOCAL_ZONE)


@cache
def _kazakhstan() -> holidays.HolidayBase:
    """All years at once: the package knows working weekend days only of years it has generated."""
    return holidays.country_holidays("KZ", years=_YEARS, language="en_US")


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are working days for one organisation. `overrides` of the region or the organisation win.

    `years` are the school years somebody entered; without them nothing is an instructional day.
    """

    school_week: Literal[5, 6] = 5
    overrides: Mapping[date, DayKind] = field(default_factory=dict)
    years: tuple[SchoolYear, ...] = ()

    @property
    def version(self) -> str:
        """Names the rules a clock was computed with; an upgrade never moves a clock that runs."""
        own = repr((self.school_week, sorted(self.overrides.items()), self.years))
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

    def skipped(self, start: date, end: date) -> tuple[Skipped, ...]:
        """The days after `start`, up to `end`, that are no working days, each with its reason."""
        span = (start + _DAY * n for n in range(1, (end - start).days + 1))
        return tuple(self._why(day) for day in span if not self.is_working(day))

    def explain(self, start: date, count: int) -> tuple[Skipped, ...]:
        """The days that a term of `count` working days from `start` does not count."""
        return self.skipped(start, self.add_working(start, count))

    def is_instructional(self, day: date, grade: int | None = None) -> bool:
        """A working day inside a quarter and in no vacation of the grade."""
        return self.is_working(day) and any(year.teaches(day, grade) for year in self.years)

    def instructional_days(self, first: date, last: date, grade: int | None = None) -> list[date]:
        """School days between two days, both included."""
        span = (first + _DAY * n for n in range((last - first).days + 1))
        return [day for day in span if self.is_instructional(day, grade)]

    def instructional_week(self, monday: date, grade: int | None = None) -> list[date]:
        """School days of the ISO week that begins on a Monday; the week counts when there is at least one."""
        return self.instructional_days(monday, monday + _WEEK - _DAY, grade)

    def instructional_day(self, first: date, number: int, grade: int | None = None) -> date:
        """The `number`-th school day; `first` itself is day 1 if there are lessons. Raises SchoolYearUnknown."""
        day = first
        number -= self.is_instructional(day, grade)
        while number:
            day += _DAY
            self._known(day)
            number -= self.is_instructional(day, grade)
        return day

    def end_of_instructional_week(self, first: date, number: int, grade: int | None = None) -> date:
        """The last school day of the `number`-th week with lessons, from the week of `first` on."""
        last, monday = first, monday_of(week_of(first))
        while number:
            self._known(monday)
            if days := self.instructional_week(monday, grade):
                last, number = days[-1], number - 1
            monday += _WEEK
        return last

    def school_year(self, day: date) -> SchoolYear:
        """The school year of a day, the summer after it included. Raises SchoolYearUnknown."""
        for year in self.years:
            if year.first <= day <= date(year.last.year, *_SUMMER_ENDS):
                return year
        raise SchoolYearUnknown

    def quarter(self, day: date) -> Quarter:
        """The quarter of a day; a vacation belongs to the quarter before it. Raises SchoolYearUnknown."""
        return next(quarter for quarter in reversed(self.school_year(day).quarters) if quarter.first <= day)

    def in_summer(self, day: date) -> bool:
        """After the last school day, up to 31 August; False while the year is not entered."""
        return any(year.last < day <= date(year.last.year, *_SUMMER_ENDS) for year in self.years)

    def _known(self, day: date) -> None:
        if not any(day <= year.last for year in self.years):
            raise SchoolYearUnknown

    def _why(self, day: date) -> Skipped:
        if day in self.overrides:
            return Skipped(day, "act")
        package_name = str(_kazakhstan().get(day, ""))
        if not package_name:
            return Skipped(day, "weekly")
        return Skipped(day, "moved" if is_moved(package_name) else "holiday", holiday_name(package_name, day))


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
    return week_of(monday_of(week) + _WEEK)


def add_days(day: date, count: int) -> date:
    """The calendar day `count` days later."""
    return day + _DAY * count


def add_months(day: date, count: int) -> date:
    """The same day number `count` months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)  # noqa: PLR2004  # December
    last = (after - _DAY).day
    return date(year, month + 1, min(day.day, last))


def school_year_start(day: date) -> date:
    """The first of September before a day: what is counted in a school year is counted from it."""
    return date(day.year - (day.month < _SEPTEMBER), _SEPTEMBER, 1)
