"""Every promise of the service with the tests that hold it, and whether they do.

    python -m trust            a line a promise: held, broken, or why there is none
    python -m trust --quick    only: has every promise a test that pytest finds, or a reason

Tests quote the number of a promise in their name and are collected by it. Nothing runs twice: outcomes are read from
`.qorgan/results`, where the targets of the Makefile leave them, and only what has none of this state of the tree runs
now. Ends with 1 when a promise is broken, untested without a reason, or tested and given a reason all the same.
"""

import argparse
import io
import os
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from src.platform.cli.rules import quotations, quoted_in
from trust.results import FOLDER, Outcome, fresh

PROMISES = Path(__file__).with_name("promises.toml")
_GROUPS = {"crawl": 2, "processes": 3, "long": 2, "scenario": 0, "e2e": 0}
"""Markers whose tests run apart from the others, with how many workers; `make` runs them the same way."""
_DEFAULT, _WORKERS = "test", 2
_HELD, _BROKEN, _NONE = "held", "BROKEN", "not applicable"


@dataclass(frozen=True)
class Promise:
    """One line: its number, its words, and why it has no test where it has none."""

    number: str
    words: str
    unless: str = ""


@dataclass(frozen=True)
class Line:
    """What a promise came to."""

    promise: Promise
    word: str
    tests: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    why: str = ""


class _Collected:
    """Notes what pytest collects."""

    def __init__(self) -> None:
        self.groups: dict[str, str] = {}
        self.errors = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Each test with the group it runs in."""
        for item in session.items:
            marks = {mark.name for mark in item.iter_markers()}
            self.groups[item.nodeid] = next((group for group in _GROUPS if group in marks), _DEFAULT)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read hides its tests."""
        self.errors += report.failed


def main(arguments: Sequence[str]) -> int:
    """Print the table or, quickly, only what is missing."""
    parser = argparse.ArgumentParser(prog="trust")
    parser.add_argument("--quick", action="store_true")
    is_quick = parser.parse_args(arguments).quick
    known, collected = promises(), _Collected()
    files = sorted({file for number, files in quotations().items() if number.startswith("S-") for file in files})
    with redirect_stdout(io.StringIO()):
        pytest.main(["--collect-only", *files], plugins=[collected])
    tests = by_number(collected.groups)
    if faults := missing(known, tests) + ["A file of tests cannot be collected"] * bool(collected.errors):
        print(*faults, sep="\n")
        return 1
    if is_quick:
        quoted = sum(len(nodes) for nodes in tests.values())
        print(
            f"{len(known)} promises: {len(tests)} have tests ({quoted}), {len(known) - len(tests)} a reason for none."
        )
        return 0
    outcomes = fresh()
    wanted = {node for nodes in tests.values() for node in nodes}
    if unknown := wanted - outcomes.keys():
        _run({node: collected.groups[node] for node in sorted(unknown)})
        outcomes = fresh()
    lines = [line_of(one, tests.get(one.number, ()), outcomes) for one in known]
    _show(lines)
    return 1 if any(line.word == _BROKEN for line in lines) else 0


def promises() -> list[Promise]:
    """The lines of promises.toml. Raises KeyError for one without words."""
    read = tomllib.loads(PROMISES.read_text())
    return [Promise(number, row["promise"], row.get("unless", "")) for number, row in read.items()]


def by_number(nodes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """S-number -> the collected tests that quote it."""
    found: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        function = node.partition("::")[2].partition("[")[0]
        for number in quoted_in(function):
            if number.startswith("S-"):
                found[number].append(node)
    return {number: tuple(sorted(found[number])) for number in found}


def missing(known: Sequence[Promise], tests: Mapping[str, Sequence[str]]) -> list[str]:
    """What is wrong with the list itself."""
    faults = [
        f"{one.number} has neither a test nor a reason: {one.words}"
        for one in known
        if not (one.number in tests or one.unless)
    ]
    faults += [
        f"{one.number} has tests: take its reason out of promises.toml"
        for one in known
        if one.number in tests and one.unless
    ]
    numbers = {one.number for one in known}
    return faults + [
        f"{number} is quoted by {nodes[0]} and is no promise"
        for number, nodes in tests.items()
        if number not in numbers
    ]


def line_of(promise: Promise, nodes: Sequence[str], outcomes: Mapping[str, Outcome]) -> Line:
    """Held when every test of it passed; a skipped one or one that did not run holds nothing."""
    if promise.unless:
        return Line(promise, _NONE, why=promise.unless)
    tests = tuple(dict.fromkeys(node.partition("[")[0] for node in nodes))
    bad = [
        f"{node}: {outcomes[node].word if node in outcomes else 'did not run'}"
        for node in nodes
        if not _passed(node, outcomes)
    ]
    figures = tuple(
        dict.fromkeys(outcomes[node].figure for node in nodes if node in outcomes and outcomes[node].figure)
    )
    return Line(promise, _BROKEN if bad else _HELD, tests, figures, "; ".join(bad))


def _passed(node: str, outcomes: Mapping[str, Outcome]) -> bool:
    return node in outcomes and outcomes[node].word == "passed"


def _run(groups: Mapping[str, str]) -> None:
    """Run tests that have no outcome yet, group by group, and leave theirs beside the others."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for group in sorted(set(groups.values())):
        nodes = [node for node, its in groups.items() if its == group]
        workers = _GROUPS.get(group, _WORKERS)
        spread = ["-n", str(workers), "--dist", "loadfile"] if workers else []
        print(f"{len(nodes)} tests of «{group}» have no outcome of this state of the tree; they run now.", flush=True)
        told = FOLDER / f"trust-{group}.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={told}", *spread, *nodes]
        subprocess.run(command, env=os.environ | {"PYTHONPATH": "."}, check=False)


def _show(lines: Sequence[Line]) -> None:
    for line in lines:
        print(f"{line.promise.number:<5} {line.word:<15} {line.promise.words}")
        if line.tests:
            more = f" and {len(line.tests) - 1} more" if len(line.tests) > 1 else ""
            print(f"{'':21} {line.tests[0]}{more}")
        if line.figures:
            print(f"{'':21} measured: {'; '.join(line.figures)}")
        if line.why:
            print(f"{'':21} {line.why}")
    words = [line.word for line in lines]
    print(f"\n{words.count(_HELD)} held, {words.count(_BROKEN)} broken, {words.count(_NONE)} not applicable.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
