"""Results kept per commit, and a drawing of the ratios over time.

docs/bench/results.jsonl holds one line a run, docs/bench/ratios.svg is drawn from it.
"""

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

_FOLDER = Path("docs/bench")
_FILE, _DRAWING = _FOLDER / "results.jsonl", _FOLDER / "ratios.svg"
_WIDE, _HIGH, _EDGE, _LEGEND = 640, 260, 40, 210
_DASHES = ("", "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True)
class Result:
    """One line of the table, as it is kept."""

    name: str
    connections: int
    p50: float
    p99: float
    cpu: float
    ratio: float | None
    audited: float | None
    reach: float | None
    statements: int
    policy: float
    memory: int


def keep(size: str, results: list[Result]) -> None:
    """Write down this run under the commit that stands, and draw all runs of this size anew."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(
        ["/usr/bin/env", "git", "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True
    )
    run = {"commit": commit.stdout.strip(), "size": size, "lines": [asdict(one) for one in results]}
    with _FILE.open("a") as file:
        file.write(json.dumps(run, ensure_ascii=False) + "\n")
    runs = [one for one in map(json.loads, _FILE.read_text().splitlines()) if one["size"] == size]
    _DRAWING.write_text(drawn(size, runs))


def drawn(size: str, runs: list[dict[str, object]]) -> str:
    """The ratios at 8 connections, a line for each name, one place for each run: an SVG without colours alone."""
    names = list(dict.fromkeys(one["name"] for run in runs for one in _lines(run) if one["ratio"] is not None))
    top = max([1.0, *(float(str(one["ratio"])) for run in runs for one in _lines(run) if one["ratio"] is not None)])
    box = f'viewBox="0 0 {_WIDE + _LEGEND} {_HIGH}" role="img" font-family="sans-serif" font-size="11"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {box}><title>Ratio to the bare limit, {size}</title>']
    for step in (0.0, 0.5, 0.7, 0.9, 1.0):
        y = _y(step, top)
        parts.append(f'<path d="M{_EDGE} {y:.1f}H{_WIDE}" stroke="#b1b4b6"/><text x="6" y="{y + 4:.1f}">{step}</text>')
    for number, run in enumerate(runs):
        x = _x(number, len(runs))
        parts.append(f'<text x="{x:.1f}" y="{_HIGH - 6}" text-anchor="middle">{str(run["commit"])[:7]}</text>')
    for place, name in enumerate(names):
        points = [
            (_x(number, len(runs)), _y(float(str(one["ratio"])), top))
            for number, run in enumerate(runs)
            for one in _lines(run)
            if one["name"] == name and one["connections"] == _lines(run)[0]["connections"] and one["ratio"] is not None
        ]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
        dash = _DASHES[place % len(_DASHES)]
        parts.append(f'<path d="M{path}" fill="none" stroke="#0b0c0c" stroke-dasharray="{dash}"/>{dots}')
        y = _EDGE + place * 18
        parts.append(
            f'<path d="M{_WIDE + 10} {y}h30" stroke="#0b0c0c" stroke-dasharray="{dash}"/>'
            f'<text x="{_WIDE + 46}" y="{y + 4}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _lines(run: dict[str, object]) -> list[dict[str, object]]:
    found = run["lines"]
    assert isinstance(found, list)
    return found


def _x(number: int, runs: int) -> float:
    return _EDGE + 20 + (number + 0.5) * (_WIDE - _EDGE - 20) / runs


def _y(ratio: float, top: float) -> float:
    return _HIGH - 30 - ratio / top * (_HIGH - 60)
