"""A look into advisory databases is green only when they answered for everything (S-59)."""

from typing import Any

import pytest

from trust.audit import of_npm, of_python

CLEAN = {"name": "litestar", "version": "1", "vulns": []}
HOLE = {"name": "jinja2", "version": "2", "vulns": [{"id": "PYSEC-1"}]}
SKIPPED = {"name": "lxml", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"dependencies": [CLEAN]}, 0),
        ({"dependencies": [CLEAN, HOLE]}, 1),
        ({"dependencies": [CLEAN, SKIPPED]}, 2),  # pip-audit calls this «no known vulnerabilities»
        ({"dependencies": [HOLE, SKIPPED]}, 1),
        ({"dependencies": []}, 2),
        (None, 2),
        ("a trace", 2),
    ],
)
def test_s_59_packages_of_python_are_clean_when_each_was_answered_for(told: Any, word: int) -> None:
    assert of_python(told).word == word


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"vulnerabilities": {}, "metadata": {"dependencies": {"total": 12}}}, 0),
        ({"vulnerabilities": {"x": {"severity": "high"}}, "metadata": {"dependencies": {"total": 12}}}, 1),
        ({"vulnerabilities": {}}, 2),
        ({"message": "405 Method Not Allowed", "statusCode": 405}, 2),
        (None, 2),
    ],
)
def test_s_59_packages_of_the_front_end_are_clean_when_the_database_answered(told: Any, word: int) -> None:
    assert of_npm(told).word == word
