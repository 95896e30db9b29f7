"""The twenty worked examples of calendar.md 6, and what must hold of every term."""

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.platform.deadlines.catalogue import load
from src.platform.deadlines.terms import compute
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.workdays.calendar import WorkCalendar

CLOCKS = load(Path("policies/clocks.toml"))
FIVE, SIX = WorkCalendar(), WorkCalendar(school_week=6)
CLOSED = WorkCalendar(overrides={date(2026, 12, 14): "holiday", date(2026, 12, 19): "working"})
END = "%Y-%m-%d %H:%M:%S"
WITHOUT_SCHOOL_DAYS = [
    code
    for code, clock in CLOCKS.items()
    if clock.day not in ("instructional", "instructional_week")
    and clock.period not in ("quarter", "school_year")
    and clock.moved != "last_instructional"
]
MOMENTS = st.datetimes(*map(datetime.fromisoformat, ("2024-06-01", "2030-06-01"))).map(
    lambda m: m.replace(tzinfo=LOCAL_ZONE)
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def ends(code: str, start: str, calendar: WorkCalendar = FIVE, *, week: str = "") -> tuple[str, str]:
    terms = compute(CLOCKS[code], local(start), calendar, week=week)
    return terms.target_at.astimezone(LOCAL_ZONE).strftime(END), terms.due_at.astimezone(LOCAL_ZONE).strftime(END)


@pytest.mark.parametrize(
    ("code", "start", "target", "limit"),
    [
        ("clk_screen_urgent", "2026-12-12 23:10", "2026-12-12", "2026-12-12"),
        ("clk_screen_standard", "2026-12-11 09:00", "2026-12-14", "2026-12-15"),
        ("clk_screen_standard", "2026-10-23 09:00", "2026-10-27", "2026-10-28"),
        ("clk_screen_standard", "2026-12-15 09:00", "2026-12-17", "2026-12-18"),
        ("clk_council_packet", "2026-12-11 15:00", "2026-12-08", "2026-12-08"),
        ("clk_council_packet", "2026-12-15 15:00", "2026-12-11", "2026-12-11"),
        ("clk_council_packet", "2026-12-19 15:00", "2026-12-15", "2026-12-15"),
        ("clk_review_2w", "2026-12-03 12:00", "2026-12-17", "2026-12-17"),
        ("clk_review_2w", "2026-12-18 12:00", "2027-01-05", "2027-01-05"),
        ("clk_commission_assessment", "2026-12-04 12:00", "2026-12-25", "2026-12-25"),
        ("clk_commission_assessment", "2026-12-12 12:00", "2027-01-05", "2027-01-05"),
        ("clk_commission_assessment", "2026-03-01 12:00", "2026-03-26", "2026-03-26"),
        ("clk_register_end", "2026-10-05 12:00", "2027-01-05", "2027-04-05"),
        ("clk_register_end", "2026-11-30 12:00", "2027-02-28", "2027-05-30"),
        ("clk_commission_review", "2026-08-31 12:00", "2027-03-01", "2027-03-01"),
        ("clk_manager_plan", "2026-09-01 08:00", "2026-09-07", "2026-09-07"),
        ("clk_monthly_e", "2026-10-31 12:00", "2026-11-06", "2026-11-06"),
        ("clk_transfer_ack", "2026-12-14 12:00", "2026-12-22", "2026-12-22"),
    ],
)
def test_r_244_worked_examples(code: str, start: str, target: str, limit: str) -> None:
    assert ends(code, start) == (f"{target} 23:59:59", f"{limit} 23:59:59")


@pytest.mark.parametrize(
    ("week", "due"), [("2026-W43", "2026-10-27"), ("2026-W47", "2026-11-23"), ("2026-W53", "2027-01-05")]
)
def test_r_147_worked_examples_of_the_partners_week(week: str, due: str) -> None:
    assert ends("clk_partner_weekly", "2026-10-19 09:00", week=week) == (f"{due} 18:00:00",) * 2


def test_r_245_a_report_at_23_30_counts_to_the_local_day() -> None:
    assert ends("clk_screen_urgent", "2026-12-12 23:30")[1] == "2026-12-12 23:59:59"
    assert compute(CLOCKS["clk_screen_urgent"], local("2026-12-13 04:30"), FIVE).due_at.utcoffset() is not None
    assert ends("clk_screen_urgent", "2026-12-13 04:30")[1] == "2026-12-13 23:59:59"


def test_r_039_a_six_day_school_works_on_saturday() -> None:
    assert ends("clk_investigation", "2026-12-11 09:00")[1] == "2026-12-15 23:59:59"
    assert ends("clk_investigation", "2026-12-11 09:00", SIX)[1] == "2026-12-14 23:59:59"


def test_an_override_moves_a_term_and_is_named_in_the_explanation() -> None:
    assert ends("clk_screen_standard", "2026-12-11 09:00", CLOSED)[1] == "2026-12-17 23:59:59"
    terms = compute(CLOCKS["clk_screen_standard"], local("2026-12-11 09:00"), CLOSED)
    assert [(s.day.day, s.reason) for s in terms.explanation] == [
        (12, "weekly"),
        (13, "weekly"),
        (14, "act"),
        (16, "holiday"),
    ]
    assert terms.calendar_version == CLOSED.version != FIVE.version


def test_the_explanation_names_the_holiday_a_term_passes_over() -> None:
    terms = compute(CLOCKS["clk_screen_standard"], local("2026-12-15 09:00"), FIVE)
    assert [(s.day, s.name) for s in terms.explanation] == [(date(2026, 12, 16), "Independence Day")]
    moved = compute(CLOCKS["clk_review_2w"], local("2026-12-18 09:00"), FIVE)
    assert [s.reason for s in moved.explanation] == ["holiday", "holiday", "weekly", "moved"]
    assert compute(CLOCKS["clk_review_2w"], local("2026-12-03 09:00"), FIVE).explanation == ()


@given(st.sampled_from(WITHOUT_SCHOOL_DAYS), MOMENTS, st.sampled_from([FIVE, SIX, CLOSED]))
def test_a_term_never_ends_before_it_starts_and_a_moved_one_ends_on_a_working_day(
    code: str, start: datetime, calendar: WorkCalendar
) -> None:
    clock, terms = CLOCKS[code], compute(CLOCKS[code], start, calendar)
    due = terms.due_at.astimezone(LOCAL_ZONE)
    assert terms.target_at <= terms.due_at
    assert (due.date() < start.date()) is clock.backwards or code == "clk_meals"
    if clock.moved in ("next_working", "previous_working") or (clock.day == "working" and clock.limit):
        assert calendar.is_working(due.date())
    assert due.strftime("%H:%M:%S") == ("23:59:59" if clock.hour is None else f"{clock.hour}:00:00")


@given(st.sampled_from(WITHOUT_SCHOOL_DAYS), MOMENTS, MOMENTS, st.sampled_from([FIVE, SIX]))
def test_who_starts_later_is_never_due_earlier(
    code: str, one: datetime, other: datetime, calendar: WorkCalendar
) -> None:
    early, late = sorted((one, other))
    assert compute(CLOCKS[code], early, calendar).due_at <= compute(CLOCKS[code], late, calendar).due_at
