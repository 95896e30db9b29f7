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


def test_a_term_of_a_day_or_a_period_needs_no_sentence() -> None:
    assert sentence("en", "clk_screen_urgent", "2026-12-15") == ""
    assert sentence("en", "clk_partner_weekly", "2026-12-15") == ""
    assert (
        sentence("en", "clk_manager_plan", "2026-09-07")
        == "5 days from 07.09.2026, moved because of 12.09.2026 (weekly day off), 13.09.2026 (weekly day off)"
    )
