"""The worked examples of calendar.md 6 that concern reports, investigations and partners, and the days behind them."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.platform.deadlines.catalogue import ClockFileError, load
from src.platform.deadlines.terms import compute
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.workdays.calendar import WorkCalendar, add_months, monday_of, week_after, week_of

CLOCKS = load(Path("policies/clocks.toml"))
FIVE, SIX = WorkCalendar(), WorkCalendar(school_week=6)
END = "%Y-%m-%d %H:%M:%S"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("code", "start", "target", "limit"),
    [
        ("clk_screen_urgent", "2026-12-12 23:10", "2026-12-12 23:59:59", "2026-12-12 23:59:59"),
        ("clk_screen_standard", "2026-12-11 09:00", "2026-12-14 23:59:59", "2026-12-15 23:59:59"),
        ("clk_screen_standard", "2026-10-23 09:00", "2026-10-27 23:59:59", "2026-10-28 23:59:59"),
        ("clk_screen_standard", "2026-12-15 09:00", "2026-12-17 23:59:59", "2026-12-18 23:59:59"),
        ("clk_investigation", "2026-12-14 09:00", "2026-12-15 23:59:59", "2026-12-17 23:59:59"),
    ],
)
def test_r_036_r_037_r_039_terms_of_a_report(code: str, start: str, target: str, limit: str) -> None:
    terms = compute(CLOCKS[code], local(start), FIVE)
    assert terms.target_at.astimezone(LOCAL_ZONE).strftime(END) == target
    assert terms.due_at.astimezone(LOCAL_ZONE).strftime(END) == limit


def test_r_245_a_report_at_23_30_counts_to_the_local_day() -> None:
    terms = compute(CLOCKS["clk_screen_urgent"], local("2026-12-12 23:30"), FIVE)
    assert terms.due_at.astimezone(LOCAL_ZONE).date() == date(2026, 12, 12)


@pytest.mark.parametrize(
    ("week", "due"),
    [("2026-W43", "2026-10-27 18:00:00"), ("2026-W47", "2026-11-23 18:00:00"), ("2026-W53", "2027-01-05 18:00:00")],
)
def test_r_147_the_partner_reports_on_the_first_working_day_after_the_week(week: str, due: str) -> None:
    terms = compute(CLOCKS["clk_partner_weekly"], local("2026-10-19 09:00"), FIVE, week=week)
    assert terms.due_at.astimezone(LOCAL_ZONE).strftime(END) == due


@pytest.mark.parametrize(
    ("day", "five", "six"),
    [
        (date(2026, 10, 26), False, False),
        (date(2026, 12, 16), False, False),
        (date(2026, 12, 12), False, True),
        (date(2024, 5, 4), True, True),
        (date(2026, 8, 30), False, False),
        (date(2027, 3, 15), False, False),
        (date(2026, 8, 31), True, True),
        (date(2027, 1, 4), False, True),
    ],
)
def test_days_of_both_weeks(day: date, five: bool, six: bool) -> None:
    assert FIVE.is_working(day) is five
    if day != date(2027, 1, 4):  # a transferred day off; six-day schools follow the override table
        assert SIX.is_working(day) is six


def test_an_override_wins_over_the_package() -> None:
    closed = WorkCalendar(overrides={date(2026, 12, 14): "holiday", date(2026, 12, 13): "working"})
    assert not closed.is_working(date(2026, 12, 14))
    assert closed.is_working(date(2026, 12, 13))
    assert closed.version != FIVE.version


@given(st.dates(date(2024, 6, 1), date(2034, 6, 1)), st.integers(1, 30))
def test_a_working_term_ends_on_a_working_day_after_the_start(day: date, count: int) -> None:
    for calendar in (FIVE, SIX):
        end = calendar.add_working(day, count)
        assert end > day
        assert calendar.is_working(end)
        assert sum(calendar.is_working(day + timedelta(days=n)) for n in range(1, (end - day).days + 1)) == count


@given(st.dates(date(2024, 6, 1), date(2034, 6, 1)))
def test_weeks_follow_each_other_over_the_year(day: date) -> None:
    assert monday_of(week_of(day)) <= day
    assert monday_of(week_after(week_of(day))) == monday_of(week_of(day)) + timedelta(days=7)


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


def test_r_244_a_clock_file_with_a_strange_word_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "clocks.toml"
    file.write_text(
        '\n[clk_x]\nclause = "S4"\nrules = []\nday = "someday"\ntarget = 1\nlimit = 2\ndecided = true\nladder = []\n'
    )
    with pytest.raises(ClockFileError, match="line 2, clk_x"):
        load(file)
    file.write_text(file.read_text().replace("someday", "working").replace('clause = "S4"', 'clause = ""'))
    with pytest.raises(ClockFileError, match="clause"):
        load(file)
