"""The pages about security stay true: tests that they name exist, every promise and requirement stands in them."""

import re
import tomllib
from pathlib import Path

import pytest

from mutants.__main__ import A_TURN, every, misfits, turn
from trust.__main__ import PROMISES, by_number, line_of, missing, promises
from trust.results import Outcome

PAGES = (Path("docs/security.md"), Path("docs/asvs.md"))
_LEVELS_1_AND_2 = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
}
"""Requirements of ASVS 5.0.0 by chapter, counted from its release; 217 in all."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_and_paper_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    for file, function in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text):
        assert Path(file).is_file(), file
        assert not function or f"def {function}(" in Path(file).read_text(), (file, function)
    for named in re.findall(r"`((?:docs|policies|mutants|trust|frontend)/[\w./-]+\.\w+)`", text):
        assert Path(named).is_file(), named
    targets = set(re.findall(r"`make (\w+)", text))
    assert targets <= set(re.findall(r"^(\w+):", Path("Makefile").read_text(), re.MULTILINE))


def test_every_promise_stands_on_the_page_in_the_words_of_the_list() -> None:
    rows = dict(re.findall(r"^\| (S-\d+) \| ([^|]+) \|", PAGES[0].read_text(), re.MULTILINE))
    assert rows == {one.number: one.words for one in promises()}
    assert list(tomllib.loads(PROMISES.read_text())) == [f"S-{number}" for number in range(1, 61)]


def test_every_requirement_of_the_standard_stands_on_its_page_once_with_an_answer() -> None:
    rows = re.findall(r"^\| (\d+)\.(\d+)\.(\d+) \| [^|]+ \| (.+) \|$", PAGES[1].read_text(), re.MULTILINE)
    numbers = [row[:3] for row in rows]
    assert len(numbers) == len(set(numbers)) == 217
    found = {chapter: sum(int(one[0]) == chapter for one in numbers) for chapter in _LEVELS_1_AND_2}
    assert found == _LEVELS_1_AND_2
    for *number, answer in rows:
        assert "`tests/" in answer or answer.startswith(("n/a", "open: ", "docs: ")), number


def test_every_mutant_fits_the_product_and_has_its_turn() -> None:
    mutants = every()
    assert misfits(mutants) == []
    assert len(mutants) >= 40
    assert {one.number for commit in range(len(mutants)) for one in turn(mutants, commit)} == {
        m.number for m in mutants
    }
    assert len(turn(mutants, 3)) == A_TURN


def test_a_promise_is_held_by_tests_that_ran_and_passed_and_by_nothing_else() -> None:
    promise = next(one for one in promises() if one.number == "S-24")
    nodes = by_number(["tests/a.py::test_s_24_a[1]", "tests/a.py::test_s_24_a[2]", "tests/a.py::test_r_036_b"])["S-24"]
    passed, skipped = Outcome("passed", "3 ms"), Outcome("skipped")
    assert line_of(promise, nodes, dict.fromkeys(nodes, passed)).word == "held"
    assert line_of(promise, nodes, dict.fromkeys(nodes, passed)).figures == ("3 ms",)
    assert line_of(promise, nodes, {nodes[0]: passed}).word == "BROKEN"
    assert line_of(promise, nodes, {nodes[0]: passed, nodes[1]: skipped}).word == "BROKEN"


def test_a_promise_without_a_test_or_reason_and_a_reason_beside_a_test_are_named() -> None:
    known = promises()
    tests = {one.number: ["tests/a.py::test"] for one in known if not one.unless}
    assert missing(known, tests) == []
    del tests["S-1"]
    assert [one.partition(" ")[0] for one in missing(known, tests)] == ["S-1"]
    silent = next(one.number for one in known if one.unless)
    assert any(one.startswith(f"{silent} has tests") for one in missing(known, {**tests, silent: ["tests/a.py::test"]}))
    assert any(one.startswith("S-99 is quoted") for one in missing(known, {**tests, "S-99": ["tests/a.py::test"]}))
