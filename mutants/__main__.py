"""Takes one guard of the product out at a time and runs the tests that must notice.

    python -m mutants                 all of guards.toml
    python -m mutants --turn          some of them, others at every commit
    python -m mutants --only 3 19     these
    python -m mutants --check         only: does every mutant still fit the product

A mutant is made in a copy of the tree, never in the tree itself. It is red when an assertion failed; an import error or
a fixture that broke proves nothing and counts as broken. A survivor is a missing test. Ends with 1 unless all are red.
"""

import argparse
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
import venv
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

GUARDS = Path(__file__).with_name("guards.toml")
TOGETHER, A_TURN = 2, 8
_PATIENCE_SECONDS, _PATIENCE_WITH_ALL = 400, 1_200
_LEFT_OUT = (".git", ".venv", ".qorgan", "node_modules", "screenshots", ".mypy_cache", ".pytest_cache", ".hypothesis")
_ASSERTED = ("AssertionError", "assert ", "Failed: DID NOT RAISE")
_RED, _SURVIVED, _BROKEN = "red", "SURVIVED", "BROKEN"


@dataclass(frozen=True)
class Mutant:
    """A guard with what happens to it; `raises` names an error that is as good as a failed assertion."""

    number: int
    keeps: str
    says: str
    file: str
    changes: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]
    raises: str = ""

    def made(self, text: str) -> str:
        """The text of the file with the guard bent."""
        for old, new in self.changes:
            text = text.replace(old, new)
        return text


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant, in how many seconds, and why where it is not red."""

    mutant: Mutant
    word: str
    seconds: float
    why: str = ""


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; print a line a mutant."""
    asked = _asked(arguments)
    mutants = every()
    if faults := misfits(mutants):
        print(*faults, sep="\n")
        return 1
    if asked.check:
        print(f"{len(mutants)} mutants fit the product.")
        return 0
    chosen = [one for one in mutants if not asked.only or one.number in asked.only]
    if asked.turn:
        chosen = turn(mutants, _commits())
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="qorgan-mutants-") as folder:
        places = [_copy(Path(folder) / str(number)) for number in range(TOGETHER)]
        if why := _not_green(places[0], chosen):
            print(f"The tests are not green without a mutant: {why}")
            return 1
        print(
            f"{len({test for one in chosen for test in one.tests})} selections are green without a mutant.", flush=True
        )
        verdicts = _tried(places, chosen)
    left = [one for one in verdicts if one.word != _RED]
    print(f"\n{len(verdicts) - len(left)} of {len(verdicts)} are red, in {time.monotonic() - started:.0f} s.")
    return 1 if left else 0


def every() -> list[Mutant]:
    """The mutants of guards.toml by number. Raises KeyError for one that lacks a part."""
    found = []
    for row in tomllib.loads(GUARDS.read_text())["mutant"]:
        changes = ((row["old"], row["new"]), *((old, new) for old, new in row.get("also", ())))
        tests = tuple(row["tests"])
        found.append(
            Mutant(row["number"], row["keeps"], row["says"], row["file"], changes, tests, row.get("raises", ""))
        )
    return sorted(found, key=lambda one: one.number)


def misfits(mutants: Sequence[Mutant]) -> list[str]:
    """Why the list does not fit the product: a text that is not there exactly once, a test that is gone."""
    faults = []
    numbers = [one.number for one in mutants]
    faults += [f"number {number} is given twice" for number in sorted({n for n in numbers if numbers.count(n) > 1})]
    for one in mutants:
        text = Path(one.file).read_text() if Path(one.file).is_file() else ""
        counts = [text.count(old) for old, _ in one.changes]
        if counts != [1] * len(counts):
            faults.append(f"mutant {one.number}: {one.file} has the old text {counts} times instead of once")
        faults += [f"mutant {one.number}: no test {test}" for test in one.tests if not _is_test(test)]
    return faults


def turn(mutants: Sequence[Mutant], commits: int) -> list[Mutant]:
    """The next few in the order of numbers; every mutant has its turn."""
    first = commits * A_TURN
    return [mutants[(first + place) % len(mutants)] for place in range(min(A_TURN, len(mutants)))]


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutants")
    parser.add_argument("--turn", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", type=int, nargs="+", default=[])
    return parser.parse_args(arguments)


def _is_test(name: str) -> bool:
    file, _, function = name.partition("[")[0].partition("::")
    if not Path(file).is_file():
        return False
    return (
        not function
        or re.search(rf"^(async )?def {re.escape(function)}\(", Path(file).read_text(), re.MULTILINE) is not None
    )


def _commits() -> int:
    counted = subprocess.run(["git", "rev-list", "--count", "HEAD"], capture_output=True, text=True, check=False)
    return int(counted.stdout) if counted.returncode == 0 else int(time.time() // 3600)


def _copy(place: Path) -> Path:
    """The tree with what was built and compiled in it, so that a run starts warm."""
    shutil.copytree(".", place, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
    venv.create(_python(place).parents[1])
    site = next(place.glob(".venv/lib/python*/site-packages"))
    (site / "copy.pth").write_text(f"{place}\n{sysconfig.get_path('purelib')}\n")
    asked = [_python(place), "-I", "-c", "from src.platform.db import base; print(base.__file__)"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True, cwd="/").stdout.strip()
    if not Path(found).is_relative_to(place):
        raise RuntimeError("the copy would run the tree it was made of")
    return place


def _python(place: Path) -> Path:
    """The Python of a copy: also processes that take nothing from the environment find the copy, and no other tree."""
    return place / ".venv" / "bin" / "python"


def _not_green(place: Path, chosen: Sequence[Mutant]) -> str:
    tests = sorted({test for one in chosen for test in one.tests})
    spread = ("-n", str(TOGETHER), "--dist", "loadfile")
    ended, failures, errors = _run(place, tests, *spread, seconds=_PATIENCE_WITH_ALL)
    if ended == 0:
        return ""
    return "; ".join(dict.fromkeys([*failures, *errors])) or f"pytest ended with {ended}"


def _tried(places: Sequence[Path], chosen: Sequence[Mutant]) -> list[Verdict]:
    free: SimpleQueue[Path] = SimpleQueue()
    for place in places:
        free.put(place)

    def one(mutant: Mutant) -> Verdict:
        place = free.get()
        verdict = _try(place, mutant)
        free.put(place)
        _show(verdict)
        return verdict

    with ThreadPoolExecutor(len(places)) as pool:
        return list(pool.map(one, chosen))


def _try(place: Path, mutant: Mutant) -> Verdict:
    started, file = time.monotonic(), place / mutant.file
    whole = file.read_text()
    _write(file, mutant.made(whole))
    ended, failures, errors = _run(place, mutant.tests, "-x")
    _write(file, whole)
    seconds = time.monotonic() - started
    if ended == 0:
        return Verdict(mutant, _SURVIVED, seconds, "the tests stay green")
    asserted = [one for one in failures if one.startswith(_ASSERTED) or (mutant.raises and mutant.raises in one)]
    if asserted and not errors:
        return Verdict(mutant, _RED, seconds)
    return Verdict(mutant, _BROKEN, seconds, "; ".join([*errors, *failures]) or f"pytest ended with {ended}")


def _run(
    place: Path, tests: Sequence[str], *options: str, seconds: int = _PATIENCE_SECONDS
) -> tuple[int, list[str], list[str]]:
    """How pytest ended in a copy, and the first line of every failure and of every error outside a test."""
    told = place / "mutant.xml"
    told.unlink(missing_ok=True)
    command = [_python(place), "-m", "pytest", "-p", "no:cacheprovider", "-m", "not long", f"--junitxml={told}"]
    try:
        ended = subprocess.run(
            [*command, *options, *tests],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return -1, [], ["it did not end"]
    if not told.exists():
        return ended.returncode, [], [ended.stdout[-300:] + ended.stderr[-300:]]
    tree = ET.parse(told)
    return ended.returncode, _lines(tree, "failure"), _lines(tree, "error")


def _lines(tree: ET.ElementTree, kind: str) -> list[str]:
    return [one.get("message", "").partition("\n")[0][:200] for one in tree.iter(kind)]


def _write(file: Path, text: str) -> None:
    """Write and forget what was compiled: two texts of one length within a second look alike to Python."""
    file.write_text(text)
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()


def _show(one: Verdict) -> None:
    mutant = one.mutant
    print(
        f"{mutant.number:>3} {mutant.keeps:<12} {mutant.says:<64} {one.word:<8} {one.seconds:5.1f} s {one.why}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
