"""The closed list of spans that the page looks at, and the stretches into which a trend is divided."""

from collections.abc import Iterator
from datetime import date

import msgspec

from src.platform.workdays import calendar

PERIODS = ("days30", "month", "quarter", "year")
_DAYS = 30
_YEAR_OF_WEEKS = 364
"""Weeks are compared with those that begin on the same day of the week."""
_WEEK = 7


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A week or a month of the trend, both days included, and its counterpart of the year before."""

    first: date
    last: date
    before_first: date
    before_last: date


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A period up to today, and the same days a year before; `name` is one of `PERIODS`."""

    name: str
    first: date
    last: date
    before_first: date
    before_last: date
    stretches: list[Stretch]

    @property
    def by_month(self) -> bool:
        """Whether the trend goes by months."""
        return self.name == "year"


def span(name: str, today: date) -> Span:
    """The period of this name that ends today."""
    first = _first(name, today)
    return Span(
        name=name,
        first=first,
        last=today,
        before_first=calendar.add_months(first, -12),
        before_last=calendar.add_months(today, -12),
        stretches=list(_months(first, today) if name == "year" else _weeks(first, today)),
    )


def _first(name: str, today: date) -> date:
    if name == "month":
        return calendar.first_of(calendar.month_of(today))
    if name == "quarter":
        return calendar.days_of_quarter(calendar.statistical_quarter(today))[0]
    if name == "year":
        return calendar.school_year_start(today)
    return calendar.add_days(today, 1 - _DAYS)


def _weeks(first: date, today: date) -> Iterator[Stretch]:
    monday = calendar.monday_of(calendar.week_of(first))
    while monday <= today:
        begins, ends = max(monday, first), min(calendar.add_days(monday, _WEEK - 1), today)
        yield Stretch(
            first=begins,
            last=ends,
            before_first=calendar.add_days(begins, -_YEAR_OF_WEEKS),
            before_last=calendar.add_days(ends, -_YEAR_OF_WEEKS),
        )
        monday = calendar.add_days(monday, _WEEK)


def _months(first: date, today: date) -> Iterator[Stretch]:
    begins = first
    while begins <= today:
        following = calendar.add_months(begins, 1)
        ends = min(calendar.add_days(following, -1), today)
        yield Stretch(
            first=begins,
            last=ends,
            before_first=calendar.add_months(begins, -12),
            before_last=calendar.add_months(ends, -12),
        )
        begins = following
