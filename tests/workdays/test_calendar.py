"""Working days, school days, weeks and months, and the names of holidays."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from src.platform.workdays.calendar import WorkCalendar, add_months, monday_of, week_after, week_of
from src.platform.workdays.errors import SchoolYearUnknown
from src.platform.workdays.schemas import Quarter, SchoolYear, Vacation

FIVE, SIX = WorkCalendar(), WorkCalendar(school_week=6)
YEAR = SchoolYear(
    "2026-2027",
    (
        Quarter(1, date(2026, 9, 1), date(2026, 10, 25)),
        Quarter(2, date(2026, 11, 2), date(2026, 12, 28)),
        Quarter(3, date(2027, 1, 8), date(2027, 3, 18)),
        Quarter(4, date(2027, 3, 30), date(2027, 5, 25)),
    ),
    (
        Vacation("autumn", date(2026, 10, 26), date(2026, 11, 1)),
        Vacation("first_grade", date(2027, 2, 8), date(2027, 2, 14), frozenset({1})),
    ),
)
SCHOOL = WorkCalendar(years=(YEAR,))
DAYS = st.dates(date(2024, 6, 1), date(2034, 6, 1))


@pytest.mark.parametrize(
    ("day", "five", "six"),
    [
        (date(2026, 10, 26), False, False),
        (date(2026, 12, 16), False, False),
        (date(2026, 12, 12), False, True),
        (date(2024, 5, 4), True, True),
        (date(2025, 1, 5), True, False),
        (date(2026, 8, 30), False, False),
        (date(2027, 3, 15), False, False),
        (date(2026, 8, 31), True, True),
        (date(2025, 9, 1), False, False),
        (date(2024, 8, 30), False, False),
    ],
)
def test_days_of_both_weeks(day: date, five: bool, six: bool) -> None:
    assert (FIVE.is_working(day), SIX.is_working(day)) == (five, six)


def test_free_days_around_the_launch_are_those_of_the_law() -> None:
    free_2027 = {(1, 1), (1, 4), (1, 7), (3, 8), (3, 15), (3, 22), (3, 23), (3, 24), (5, 3), (5, 7), (5, 10)}
    free_2027 |= {(7, 6), (10, 25), (12, 16)}
    span = (date(2027, 1, 1) + timedelta(days=n) for n in range(365))
    assert {(d.month, d.day) for d in span if d.weekday() < 5 and not FIVE.is_working(d)} == free_2027


def test_an_override_wins_over_the_package() -> None:
    closed = WorkCalendar(overrides={date(2026, 12, 14): "holiday", date(2026, 12, 13): "working"})
    assert not closed.is_working(date(2026, 12, 14))
    assert closed.is_working(date(2026, 12, 13))
    assert closed.version != FIVE.version
    assert "holidays-0.108-" in closed.version


def test_skipped_days_are_explained_in_three_languages() -> None:
    days = FIVE.explain(date(2026, 10, 23), 2)
    assert [(s.day.day, s.reason, s.name) for s in days] == [
        (24, "weekly", ""),
        (25, "holiday", "Republic Day"),
        (26, "moved", "Republic Day"),
    ]
    for language, name in (("kk", "Республика күні"), ("ru", "День Республики")):
        with Path(f"src/platform/workdays/locale/{language}.po").open("rb") as file:
            assert read_po(file)["Republic Day"].string == name  # type: ignore[union-attr]


def test_constitution_day_has_two_names() -> None:
    assert FIVE.explain(date(2024, 8, 29), 1)[0].name == "Constitution Day (30 August)"
    assert FIVE.explain(date(2027, 3, 12), 1)[-1].name == "Constitution Day"
    assert [s.name for s in FIVE.explain(date(2024, 5, 5), 1)] == []


@given(DAYS, st.integers(1, 30))
def test_a_working_term_ends_on_a_working_day_after_the_start(day: date, count: int) -> None:
    for calendar in (FIVE, SIX):
        end = calendar.add_working(day, count)
        assert end > day
        assert calendar.is_working(end)
        assert (end - day).days - len(calendar.explain(day, count)) == count


@given(DAYS)
def test_next_and_previous_stay_on_a_working_day(day: date) -> None:
    assert FIVE.previous_working(day) <= day <= FIVE.next_working(day)
    if FIVE.is_working(day):
        assert FIVE.previous_working(day) == day == FIVE.next_working(day)


@given(DAYS)
def test_weeks_follow_each_other_over_the_year(day: date) -> None:
    assert monday_of(week_of(day)) <= day
    assert monday_of(week_after(week_of(day))) == monday_of(week_of(day)) + timedelta(days=7)


def test_the_week_of_the_new_year_belongs_to_one_year() -> None:
    assert week_of(date(2027, 1, 3)) == "2026-W53"
    assert week_after("2026-W53") == "2027-W01"
    assert week_of(date(2024, 12, 30)) == "2025-W01"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 11, 30), 6, date(2027, 5, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 10, 5), 3, date(2027, 1, 5)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
    ],
)
def test_months_keep_the_day_number_or_end_earlier(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_school_days_lie_in_quarters_and_outside_vacations() -> None:
    assert SCHOOL.is_instructional(date(2026, 9, 1))
    assert not SCHOOL.is_instructional(date(2026, 10, 27))
    assert SCHOOL.is_working(date(2026, 10, 27))
    assert not SCHOOL.is_instructional(date(2026, 12, 16))
    assert not FIVE.is_instructional(date(2026, 9, 1))


def test_the_first_grade_has_a_vacation_of_its_own() -> None:
    day = date(2027, 2, 9)
    assert [SCHOOL.is_instructional(day, grade) for grade in (1, 2, None)] == [False, True, True]
    assert SCHOOL.instructional_week(date(2027, 2, 8), 1) == []


def test_r_128_eight_instructional_weeks_pass_over_the_autumn_break() -> None:
    assert SCHOOL.end_of_instructional_week(date(2026, 9, 2), 8) == date(2026, 10, 23)
    assert SCHOOL.end_of_instructional_week(date(2026, 9, 9), 8) == date(2026, 11, 6)
    assert SCHOOL.instructional_day(date(2026, 10, 23), 2) == date(2026, 11, 2)


def test_r_244_school_days_of_an_unknown_year_are_refused_not_guessed() -> None:
    for count in (lambda: FIVE.instructional_day(date(2026, 9, 1), 1), lambda: FIVE.school_year(date(2026, 9, 1))):
        with pytest.raises(SchoolYearUnknown):
            count()
    with pytest.raises(SchoolYearUnknown):
        SCHOOL.end_of_instructional_week(date(2027, 5, 3), 8)


def test_quarters_and_summer() -> None:
    assert SCHOOL.quarter(date(2026, 10, 28)).number == 1
    assert SCHOOL.quarter(date(2027, 1, 8)).number == 3
    assert SCHOOL.school_year(date(2027, 7, 1)).code == "2026-2027"
    assert [SCHOOL.in_summer(date(2027, *day)) for day in ((5, 25), (5, 26), (8, 31), (9, 1))] == [
        False,
        True,
        True,
        False,
    ]
