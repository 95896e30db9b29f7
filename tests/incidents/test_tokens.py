"""Tokens in texts, without a database: exact whole words, undo, and what a reader gets."""

from hypothesis import given
from hypothesis import strategies as st

from src.platform.incidents import tokens
from src.platform.kit.ids import new_id

A, B = new_id(), new_id()


def test_only_exactly_this_form_as_a_whole_word_is_marked() -> None:
    marked = tokens.mark("Арман Арманды ұрды, «Арман» кетті", "Арман", A)
    assert tokens.shown(marked, {A: "Бала-KTR"}) == "Бала-KTR Арманды ұрды, «Бала-KTR» кетті"


def test_a_name_inside_an_older_mark_is_left_alone() -> None:
    once = tokens.mark("Арман Әлиев және Әлиев", "Арман Әлиев", A)
    twice = tokens.mark(once, "Әлиев", B)
    assert tokens.shown(twice, {A: "Бала-AAA", B: "Бала-BBB"}) == "Бала-AAA және Бала-BBB"
    assert tokens.mark(once, str(A)[:8], B) == once


def test_a_form_with_signs_of_patterns_is_taken_literally() -> None:
    assert tokens.mark("Арман", "А.ман", A) == "Арман"
    assert tokens.shown(tokens.mark("(А.)", "А.", A), {A: "X"}) in ("(X)", "(А.)")


@given(st.text(), st.text(min_size=1))
def test_undoing_a_mark_gives_the_typed_text_back(text: str, surface: str) -> None:
    typed, form = tokens.typed(text), tokens.typed(surface)
    if form:
        assert tokens.unmark(tokens.mark(typed, form, A), form, A) == typed


@given(st.text())
def test_nobody_can_type_a_token(text: str) -> None:
    forged = tokens.mark("x", "x", A)
    assert tokens.shown(tokens.typed(text + forged), {}) == tokens.typed(text) + str(A)
