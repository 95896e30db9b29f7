"""The words of a clock stand beside the word of their column, and on a phone behind it: no word is said twice."""

import re
from datetime import UTC, datetime
from typing import get_args

import pytest

from src.platform.deadlines.schemas import Due, State
from src.platform.kit import i18n
from src.platform.kit.i18n import LANGUAGES, gettext_in
from src.platform.kit.ids import new_id
from src.platform.web.templating import environment

AT = datetime(2026, 11, 22, 18, tzinfo=UTC)


def due(state: State, *, at_once: bool) -> Due:
    return Due(
        id=new_id(),
        code="clk_partner_answer",
        subject_kind="referral",
        subject_id=new_id(),
        period="",
        started_at=AT,
        target_at=AT,
        due_at=AT,
        state=state,
        clause="S4 mechanism",
        at_once=at_once,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_state_of_a_clock_repeats_the_word_of_its_column(language: str) -> None:
    said = environment().get_template("macros/clocks.html").module
    column = gettext_in(language, "Due").lower()
    before = i18n.language()
    i18n.use(language)
    try:
        for state in get_args(State):
            for at_once in (False, True):
                words = re.sub(r"<[^>]+>", "", str(said.clock_state(due(state, at_once=at_once)))).strip().lower()
                assert words, state
                assert not words.startswith(column[:6]), (state, words)
                assert f"{column}:" not in words, (state, words)
    finally:
        i18n.use(before)
