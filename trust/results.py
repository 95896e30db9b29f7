"""What the last runs of pytest said, as long as no file was touched since they began."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FOLDER = Path(".qorgan/results")
_WATCHED = ("src", "tests", "policies", "requirements", "pyproject.toml", "frontend/main.scss", "frontend/main.js")
_BAD = ("failure", "error", "skipped")


@dataclass(frozen=True)
class Outcome:
    """`passed`, `failure`, `error` or `skipped`, with what was measured."""

    word: str
    figure: str = ""


def fresh(folder: Path = FOLDER) -> dict[str, Outcome]:
    """Test -> its last outcome, of every run that began after the newest change of the tree."""
    changed = newest_change()
    runs = sorted((run for file in folder.glob("*.xml") for run in _runs(file)), key=_began)
    found: dict[str, Outcome] = {}
    for run in runs:
        if _began(run) >= changed:
            found |= dict(_cases(run))
    return found


def newest_change() -> float:
    """When a file that decides about an outcome was last written."""
    return max(file.stat().st_mtime for name in _WATCHED for file in _files(Path(name)))


def _files(place: Path) -> Iterable[Path]:
    if place.is_file():
        return [place]
    ours = (file for file in place.rglob("*") if file.is_file())
    return (
        file for file in ours if "__pycache__" not in file.parts and "build" not in file.parts and file.suffix != ".mo"
    )


def _runs(file: Path) -> Iterator[ET.Element]:
    try:
        yield from ET.parse(file).iter("testsuite")
    except ET.ParseError:  # a run that was interrupted
        return


def _began(run: ET.Element) -> float:
    return datetime.fromisoformat(run.get("timestamp", "1970-01-01T00:00:00+00:00")).timestamp()


def _cases(run: ET.Element) -> Iterator[tuple[str, Outcome]]:
    for case in run.iter("testcase"):
        node = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        word = next((bad for bad in _BAD if case.find(bad) is not None), "passed")
        figures = [one.get("value", "") for one in case.iter("property") if one.get("name") == "figure"]
        yield node, Outcome(word, "; ".join(figures))
