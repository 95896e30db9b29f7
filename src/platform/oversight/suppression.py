"""The one function that decides which numbers about children the city reads (S-60, R-067, ADR 21).

A table has a row a district, a column a value, and the region's row, which is the sum of the others. Every child stands
in exactly one column, so whoever knows Form E knows the sum of every row; we act as if everybody did. Columns add up
to the region. Under these sums a change of one hidden cell must be made good by others: a circulation in the graph of
rows and columns. A cell is safe when so much flow can go around through hidden cells that every value that Form E
alone leaves open from 0 to 7 stays open. Where too little can go around, the cheapest further cells are hidden.

Such a network has whole-numbered corners: what flow finds possible is exactly what linear programming finds possible,
without a solver in the service.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

SMALL = 7
"""A number of children from 1 to this one is never shown (R-067)."""
SCHOOLS_AT_LEAST = 3
"""A row of which fewer schools have children is hidden whole: it would be a school's (S-60)."""
_FOR_A_NUMBER, _FOR_A_ZERO, _FOR_THE_REGION = 10, 40, 30
Shown = tuple[int | None, ...]
_Cell = tuple[int, int]
_Node = tuple[bool, int]
"""A row, or with True a column."""


@dataclass(frozen=True, slots=True)
class Row:
    """The children of a district by value, and of how many schools they are."""

    counts: tuple[int, ...]
    schools: int


def suppress(rows: Sequence[Row]) -> tuple[list[Shown], Shown]:
    """Each district's numbers and the region's, None for every hidden one.

    Of a single district the region is the district and is not shown beside it. Deterministic: the same counts give the
    same release.
    """
    if not rows:
        return [], ()
    region = Row(tuple(map(sum, zip(*(row.counts for row in rows), strict=True))), sum(row.schools for row in rows))
    table = _Table([*rows, region])
    if len(rows) == 1:
        table.hide_region()
    table.protect()
    *districts, whole = [table.shown(place) for place in range(len(rows) + 1)]
    return districts, whole


@dataclass(slots=True)
class _Table:
    """The counts, the region's row last; `hidden` grows and never shrinks."""

    rows: list[Row]
    hidden: set[_Cell] = field(default_factory=set)
    asked: dict[_Cell, tuple[int, int]] = field(default_factory=dict)
    """How far a hidden cell must be free to go up and down."""

    def shown(self, place: int) -> Shown:
        return tuple(None if (place, c) in self.hidden else n for c, n in enumerate(self.rows[place].counts))

    def hide_region(self) -> None:
        last = len(self.rows) - 1
        self.hidden |= {(last, column) for column in range(len(self.rows[last].counts))}

    def protect(self) -> None:
        """Hide what is small, then what would give it away, until nothing does."""
        for cell in self._cells():
            if self._is_small(cell):
                self.hidden.add(cell)
                self.asked[cell] = self._wanted(cell)
        for cell, (up, down) in self.asked.items():
            self._free(cell, up, raised=True)
            self._free(cell, down, raised=False)

    def _cells(self) -> Iterator[_Cell]:
        return ((r, c) for r, row in enumerate(self.rows) for c in range(len(row.counts)))

    def _is_small(self, cell: _Cell) -> bool:
        row = self.rows[cell[0]]
        if cell in self.hidden or not any(row.counts):
            return False
        return 1 <= self._count(cell) <= SMALL or row.schools < SCHOOLS_AT_LEAST

    def _wanted(self, cell: _Cell) -> tuple[int, int]:
        """Everything from 0 to 7 that the row's sum leaves open; of a larger number as much to both sides."""
        count, most = self._count(cell), self._most(cell[0])
        if count <= SMALL:
            return min(SMALL, most) - count, count
        return min(SMALL, most - count), SMALL

    def _free(self, cell: _Cell, amount: int, *, raised: bool) -> None:
        """Hide the cheapest cells through which the cell may change by `amount` under unchanged sums."""
        used: dict[_Cell, int] = {}
        while amount > 0:
            path = self._way_around(cell, used, raised=raised)
            if not path:
                raise AssertionError("a hidden cell has no way around")  # the region's row always offers one
            step = min(amount, *(self._room(one, up, used) for one, up in path))
            for one, up in path:
                used[one] = used.get(one, 0) + (step if up else -step)
                self.hidden.add(one)
            amount -= step

    def _way_around(self, cell: _Cell, used: dict[_Cell, int], *, raised: bool) -> list[tuple[_Cell, bool]]:
        """The cheapest path that makes a change of the cell good: each cell of it with whether it goes up."""
        row, column = (False, cell[0]), (True, cell[1])
        start, end = (column, row) if self._flows_to_column(cell, up=raised) else (row, column)
        best: dict[_Node, int] = {start: 0}
        came: dict[_Node, tuple[_Node, _Cell, bool]] = {}
        heap = [(0, start)]
        while heap:
            cost, node = heappop(heap)
            if node == end:
                break
            if cost > best[node]:
                continue
            for after, one, up in self._arcs(node, cell, used):
                dearer = cost + self._price(one)
                if dearer < best.get(after, dearer + 1):
                    best[after], came[after] = dearer, (node, one, up)
                    heappush(heap, (dearer, after))
        path: list[tuple[_Cell, bool]] = []
        while end in came:
            end, one, up = came[end]
            path.append((one, up))
        return path

    def _arcs(self, node: _Node, but: _Cell, used: dict[_Cell, int]) -> Iterator[tuple[_Node, _Cell, bool]]:
        is_column, place = node
        others = range(len(self.rows)) if is_column else range(len(self.rows[place].counts))
        for other in others:
            one = (other, place) if is_column else (place, other)
            up = self._flows_to_column(one, up=True) is not is_column
            if one != but and self._room(one, up, used) > 0:
                yield (not is_column, other), one, up

    def _flows_to_column(self, cell: _Cell, *, up: bool) -> bool:
        """Whether a rise (or fall) of a cell is flow from its row to its column: the region stands for minus."""
        return up is (cell[0] != len(self.rows) - 1)

    def _room(self, cell: _Cell, up: bool, used: dict[_Cell, int]) -> int:
        now = self._count(cell) + used.get(cell, 0)
        return self._most(cell[0]) - now if up else now

    def _price(self, cell: _Cell) -> int:
        if cell in self.hidden:
            return 0
        price = _FOR_A_NUMBER + self._count(cell) if self._count(cell) else _FOR_A_ZERO
        return price + (_FOR_THE_REGION if cell[0] == len(self.rows) - 1 else 0)

    def _count(self, cell: _Cell) -> int:
        return self.rows[cell[0]].counts[cell[1]]

    def _most(self, row: int) -> int:
        """What Form E tells of a row: no cell of it is larger than all its children."""
        return sum(self.rows[row].counts)
