"""The sentence that says why a term ends when it ends."""

from datetime import datetime
from pathlib import Path

import pytest

from src.platform.deadlines.catalogue import load
from src.platform.deadlines.terms import compute
from src.platform.deadlines.views import why
from src.platform.kit import i18n
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.workdays.calendar import WorkCalendar
from tests.deadlines.test_catalogue import SCHOOL

CLOCKS = load(Path("policies/clocks.toml"))


def sentence(language: str, code: str, day: str) -> str:
    i18n.use(language)
    start = datetime.fromisoformat(day).replace(tzinfo=LOCAL_ZONE)
    return why(CLOCKS[code], compute(CLOCKS[code], start, WorkCalendar()))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("kk", "15.12.2026 бастап 2 жұмыс күні, есептелмейді: 16.12.2026 (Тәуелсіздік күні)"),
        ("ru", "2 рабочих дня с 15.12.2026, без учёта: 16.12.2026 (День Независимости)"),
        ("en", "2 working days from 15.12.2026, without 16.12.2026 (Independence Day)"),
    ],
)
def test_a_working_term_names_what_it_does_not_count(language: str, text: str) -> None:
    assert sentence(language, "clk_screen_standard", "2026-12-15") == text


def test_a_moved_term_names_why_it_moved() -> None:
    assert sentence("en", "clk_commission_assessment", "2026-12-12") == (
        "21 days from 12.12.2026, moved because of 02.01.2027 (New Year), 03.01.2027 (weekly day off), "
        "04.01.2027 (day off for: New Year)"
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("clk_screen_urgent", "by the end of the same day, 15.12.2026"),
        ("clk_monthly_j", "5 working days after the end of the month 2026-12, without 01.01.2027 (New Year)"),
        ("clk_team_meeting", "by the end of the week 14.12–20.12.2026"),
        ("clk_council_packet", "3 days back from 15.12.2026, moved because of 12.12.2026 (weekly day off)"),
        ("clk_housing_register", "on the day that is fixed for it, 31.12.2026"),
        ("clk_cico_week8", "8 school weeks from 15.12.2026"),
    ],
)
def test_every_kind_of_term_says_how_it_is_counted(code: str, text: str) -> None:
    period = {"clk_monthly_j": "2026-12", "clk_team_meeting": "2026-W51"}.get(code, "")
    i18n.use("en")
    start = datetime.fromisoformat("2026-12-15").replace(tzinfo=LOCAL_ZONE)
    assert why(CLOCKS[code], compute(CLOCKS[code], start, SCHOOL), period=period).startswith(text)


def test_r_147_the_partners_week_says_the_week_and_the_days_after_it() -> None:
    i18n.use("en")
    start = datetime.fromisoformat("2026-10-20").replace(tzinfo=LOCAL_ZONE)
    said = why(CLOCKS["clk_partner_weekly"], compute(CLOCKS["clk_partner_weekly"], start, SCHOOL), period="2026-W43")
    assert said == (
        "1 working day after the end of the week 19.10–25.10.2026, without 26.10.2026 (day off for: Republic Day)"
    )


def test_every_clock_of_the_file_explains_itself_in_three_languages() -> None:
    start = datetime.fromisoformat("2026-09-15").replace(tzinfo=LOCAL_ZONE)
    for code, clock in CLOCKS.items():
        said = set()
        for language in i18n.LANGUAGES:
            i18n.use(language)
            said.add(why(clock, compute(clock, start, SCHOOL)))
        assert len(said) == 3, code
