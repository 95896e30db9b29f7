"""Charts as figures of numbers: where lines, points and bars lie; `macros/charts.html` draws them as SVG.

No script, no inline style: presentation attributes and classes. A chart is named by the question that it helps to
decide, differs by dash, mark and hatch before it differs by colour, and stands beside the table of its numbers.
"""

from collections.abc import Sequence

import msgspec

WIDTH = 360
_LEFT, _RIGHT, _TOP, _HIGH = 30, 12, 18, 130
_BAR, _BAR_ROW, _NUMBER = 18, 48, 70
_STEPS = (1, 2, 5)
_TICKS = 4


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One line or one part of every bar; None is a gap: nothing is known there."""

    label: str
    values: list[int | None]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A point of a line with its number."""

    x: float
    y: float
    number: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A series as stretches of points without a gap."""

    label: str
    stretches: list[list[Mark]]


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """A place of an axis and what stands there."""

    at: float
    text: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of a bar."""

    x: float
    wide: float
    place: int


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar under its name, with its numbers behind it."""

    name: str
    y: float
    end: float
    parts: list[Part]
    numbers: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What the macro draws: `lines` or `bars`, and the same numbers as a table of `columns` × `series`."""

    key: str
    question: str
    columns: list[str]
    series: list[Series]
    high: float
    axis: list[Tick] = []
    below: list[Tick] = []
    lines: list[Line] = []
    bars: list[Bar] = []


def lines(key: str, question: str, columns: Sequence[str], series: Sequence[Series], short: Sequence[str]) -> Chart:
    """Numbers over time, the present first, then what it is compared with. `short` are the columns' names below."""
    top = _ceiling([value for one in series for value in one.values if value is not None])
    across = (WIDTH - _LEFT - _RIGHT) / max(len(columns) - 1, 1)
    xs = [round(_LEFT + across * place, 1) for place in range(len(columns))]
    bottom = _TOP + _HIGH
    return Chart(
        key=key,
        question=question,
        columns=list(columns),
        series=list(series),
        high=bottom + 26,
        axis=[Tick(at=_height(n, top), text=str(n)) for n in range(0, top + 1, _step(top))],
        below=[Tick(at=x, text=text) for x, text in zip(xs, short, strict=True)],
        lines=[Line(label=one.label, stretches=_stretches(one.values, xs, top)) for one in series],
    )


def bars(key: str, question: str, names: Sequence[str], series: Sequence[Series]) -> Chart:
    """Numbers of places, in the order given: every bar is made of the series' parts."""
    rows = [[one.values[place] or 0 for one in series] for place in range(len(names))]
    most = max([sum(row) for row in rows], default=0) or 1
    found = []
    for place, (name, row) in enumerate(zip(names, rows, strict=True)):
        x, parts = 0.0, []
        for part, number in enumerate(row):
            wide = round((WIDTH - _NUMBER) * number / most, 1)
            parts += [Part(x=x, wide=wide, place=part)] if wide else []
            x = round(x + wide, 1)
        numbers = " / ".join(str(number) for number in row)
        found.append(Bar(name=name, y=place * _BAR_ROW + _BAR, end=x, parts=parts, numbers=numbers))
    return Chart(
        key=key,
        question=question,
        columns=list(names),
        series=list(series),
        high=len(names) * _BAR_ROW,
        bars=found,
    )


def _stretches(values: Sequence[int | None], xs: Sequence[float], top: int) -> list[list[Mark]]:
    found: list[list[Mark]] = [[]]
    for x, value in zip(xs, values, strict=True):
        if value is None:
            found.append([])
        else:
            found[-1].append(Mark(x=x, y=_height(value, top), number=value))
    return [one for one in found if one]


def _height(number: int, top: int) -> float:
    return round(_TOP + _HIGH * (1 - number / top), 1)


def _ceiling(values: Sequence[int]) -> int:
    most = max(values, default=0)
    step = _step(most)
    return max(-(-most // step) * step, 1)


def _step(most: int) -> int:
    """1, 2 or 5 times a power of ten, so that a handful of lines reach the top."""
    power = 1
    while True:
        for step in _STEPS:
            if most <= step * power * _TICKS:
                return step * power
        power *= 10
