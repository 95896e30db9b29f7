"""The attacker of S-60. Knows everything shown: releases, every school's and month's Form E, the process counters.

Tools: elimination (a row or column with one unknown), bounds by linear programming over the numbers of every single
school, subtraction of two publications of one quarter. Names what a publication gave away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from src.platform.oversight.schemas import Frozen

Cell = tuple[str, UUID | None, str]
"""Table, district (the region under None), value."""


@dataclass(frozen=True)
class Bounds:
    """What a hidden number can be."""

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


def totals(known: Mapping[tuple[int, int], int], months: Sequence[int]) -> dict[int, int]:
    """Monthly sums of schools added up to a quarter."""
    found: dict[int, int] = {}
    for (school, month), number in known.items():
        if month in months:
            found[school] = found.get(school, 0) + number
    return found


def shown(tables: Sequence[Frozen]) -> dict[Cell, int | None]:
    """Every cell of a publication, None for a hidden one."""
    found: dict[Cell, int | None] = {}
    for table in tables:
        rows = [*table.rows, *([(None, table.region)] if table.region else [])]
        for district, cells in rows:
            found |= {(table.dimension, district, v): n for v, n in zip(table.values, cells, strict=True)}
    return found


def eliminate(table: Frozen, sums: Mapping[UUID, int]) -> dict[Cell, int]:
    """Hidden numbers that follow one by one from a row or column with a single unknown."""
    cells, found = shown([table]), dict[Cell, int]()
    districts = [district for district, _cells in table.rows]
    lines = [([(table.dimension, d, v) for v in table.values], sums.get(d, 0)) for d in districts if d]
    if table.region:
        lines.append(([(table.dimension, None, v) for v in table.values], sum(sums.values())))
    while True:
        before = len(found)
        columns = [
            ([(table.dimension, d, v) for d in districts], whole)
            for v in table.values
            if (whole := cells.get((table.dimension, None, v))) is not None
        ]
        for line, whole in lines + columns:
            unknown = [one for one in line if cells[one] is None]
            if len(unknown) == 1:
                cells[unknown[0]] = found[unknown[0]] = whole - sum(cells[one] or 0 for one in line)
        if len(found) == before:
            return found


def bounds(table: Frozen, district_of: Mapping[int, UUID], of_schools: Mapping[int, int]) -> dict[Cell, Bounds]:
    """Least and most of every hidden number under all sums that are known, by linear programming."""
    schools, width = sorted(school for school, number in of_schools.items() if number), len(table.values)
    places = {school: place for place, school in enumerate(schools)}

    def of(district: UUID | None, column: int) -> list[int]:
        return [places[s] * width + column for s in schools if district in (None, district_of[s])]

    equations: list[tuple[list[int], int]] = [
        (list(range(places[s] * width, (places[s] + 1) * width)), of_schools[s]) for s in schools
    ]
    hidden: dict[Cell, list[int]] = {}
    rows: list[tuple[UUID | None, list[int | None]]] = [*table.rows, *([(None, table.region)] if table.region else [])]
    for district, cells in rows:
        for column, number in enumerate(cells):
            if number is None:
                hidden[table.dimension, district, table.values[column]] = of(district, column)
            else:
                equations.append((of(district, column), number))
    equations = [(columns, number) for columns, number in equations if columns]
    lines = [line for line, (columns, _n) in enumerate(equations) for _column in columns]
    ones = ([1.0] * len(lines), (lines, [column for columns, _n in equations for column in columns]))
    matrix = csr_matrix(ones, shape=(len(equations), len(schools) * width))
    known = [number for _columns, number in equations]
    return {cell: _bounds(matrix, known, columns) for cell, columns in hidden.items()}


def _bounds(matrix: csr_matrix, known: Sequence[int], columns: Sequence[int]) -> Bounds:
    if not columns:
        return Bounds(0, 0)
    goal = np.zeros(matrix.shape[1])
    goal[list(columns)] = 1
    ends = []
    for sign in (1, -1):
        solved = linprog(sign * goal, A_eq=matrix, b_eq=known, bounds=(0, None), method="highs")
        assert solved.status == 0, solved.message
        ends.append(round(sign * solved.fun))
    return Bounds(*ends)


def subtract(before: Sequence[Frozen], after: Sequence[Frozen], small: int) -> dict[Cell, int]:
    """Small differences of two publications about the same children: one child that came later, and where."""
    first, second = shown(before), shown(after)
    return {
        cell: number - earlier
        for cell, number in second.items()
        if number is not None and (earlier := first.get(cell)) is not None and 1 <= number - earlier <= small
    }
