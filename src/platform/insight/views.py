"""What a reader of the whole school's incidents sees of a period: five questions, hot spots, gaps.

Every number is counted over the rows of the reader's own list, so that an incident that is hidden from this reader
changes no byte of the page (R-065, S-17); every number opens the list of exactly what it counts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from urllib.parse import urlencode

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import states
from src.platform.incidents.reading import filters
from src.platform.incidents.reading.daytimes import DAYTIMES
from src.platform.insight import gaps, periods, repository
from src.platform.insight.committee_numbers import in_order
from src.platform.insight.periods import Span
from src.platform.insight.schemas import Cell, Counted, Grade, HotSpot, Insight, Moment, Numbers, Row
from src.platform.kit import clock
from src.platform.roster import tallies as classes
from src.platform.vault import tallies as people

READ, REPORT = "insight.read", "insight.report"
WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
_SUNDAY = "7"
_LEVELS = 4
_TOP, _HOT = 5, 2
"""So many hot spots at most; one incident alone makes none [D]."""
_STATES = sorted({state for state, _ in states.TRANSITIONS})


async def insight(unit: Unit, period: str = periods.PERIODS[0]) -> Insight:
    """One period that ends today. Raises Forbidden."""
    access.require(unit, READ)
    span = periods.span(period, clock.local_date(clock.now()))
    students, newest = await classes.learning_by_grade(unit)
    knows_classes = filters.may_ask_for_classes(unit)
    blinds = await people.fingerprints(unit, students) if knows_classes else {}
    found = await repository.numbers(unit, span, blinds)
    await repository.prefetch_records(unit)
    address = _Address(span)
    by_place = {key: (number, {"place": key}) for key, number in _by_place(found).items()}
    by_kind = {key: (number, {"behaviour": key}) for key, number in found.behaviours.items()}
    audit.record(unit, "insight.read", "insight", classes={"case-sensitive"}, detail={"period": period})
    return Insight(
        period=period,
        first=span.first,
        last=span.last,
        total=_between(found, span.first, span.last),
        total_at=address(),
        before=_between(found, span.before_first, span.before_last),
        by_month=span.by_month,
        trend=[
            Moment(
                first=one.first,
                last=one.last,
                number=_between(found, one.first, one.last),
                before=_between(found, one.before_first, one.before_last),
            )
            for one in span.stretches
        ],
        behaviours=_sorted(_counted(address, by_kind, in_order("problem_behaviour"))),
        places=_sorted(_counted(address, by_place, in_order("place"))),
        weekdays=_weekdays(found, address),
        grades=_grades(found) if knows_classes else [],
        matrix=_matrix(found, address),
        hot_spots=_hot_spots(found, address),
        gaps=await gaps.found(unit, found, address, newest),
        may=["report"] if access.may(unit.me, REPORT) else [],
    )


class _Address:
    """The list of the incidents of a period, narrowed further; a linked incident counts as the other one."""

    def __init__(self, span: Span) -> None:
        self._days = (("reported_from", span.first.isoformat()), ("reported_to", span.last.isoformat()))

    def __call__(self, state: str = "", **more: str) -> str:
        """In one state, or in all that are no link to another incident."""
        asked = [("state", one) for one in ([state] if state else _STATES)]
        return f"/incidents?{urlencode([*asked, *self._days, *more.items()])}"


def _between(found: Numbers, first: date, last: date) -> int:
    return sum(number for day, number in found.days.items() if first <= day <= last)


def _by_place(found: Numbers) -> Counter[str]:
    """Places and their numbers, whatever the time of day."""
    summed: Counter[str] = Counter()
    for place, _, _, number in found.cells:
        if place not in ("", "-"):
            summed[place] += number
    return summed


def _counted(address: _Address, numbers: dict[str, tuple[int, dict[str, str]]], order: Iterable[str]) -> list[Counted]:
    return [
        Counted(key=key, number=numbers[key][0], rows_at=address(**numbers[key][1])) for key in order if key in numbers
    ]


def _sorted(counted: list[Counted]) -> list[Counted]:
    """The most first; equal ones as the law's list has them."""
    return sorted(counted, key=lambda one: -one.number)


def _matrix(found: Numbers, address: _Address) -> list[Row]:
    """Places of the law's list at which something happened × times of day."""
    known = {(place, daytime): n for place, _, daytime, n in found.cells if place not in ("", "-") and daytime}
    places = [one for one in in_order("place") if any(place == one for place, _ in known)]
    return _rows(places, known, lambda place, daytime: address(place=place, daytime=daytime))


def _weekdays(found: Numbers, address: _Address) -> list[Row]:
    """Days of the week × times of day; Sunday only where something happened on one."""
    known = {(str(day), daytime): n for place, day, daytime, n in found.cells if not place and day and daytime}
    days = [one for one in WEEKDAYS if one != _SUNDAY or any(day == one for day, _ in known)] if known else []
    return _rows(days, known, lambda day, daytime: address(weekday=day, daytime=daytime))


def _rows(keys: Sequence[str], known: dict[tuple[str, str], int], at: Callable[[str, str], str]) -> list[Row]:
    most = max(known.values(), default=0)
    return [
        Row(
            key=key,
            cells=[
                Cell(
                    key=daytime,
                    number=number,
                    level=-(-_LEVELS * number // most) if most else 0,
                    rows_at=at(key, daytime) if number else None,
                )
                for daytime in DAYTIMES
                for number in (known.get((key, daytime), 0),)
            ],
        )
        for key in keys
    ]


def _hot_spots(found: Numbers, address: _Address) -> list[HotSpot]:
    """The combinations with the most; equal ones in the order of the law's list and of the day."""
    order = {key: place for place, key in enumerate((*in_order("place"), *DAYTIMES))}
    hot = [
        HotSpot(place=place, daytime=daytime, number=number, rows_at=address(place=place, daytime=daytime))
        for place, _, daytime, number in found.cells
        if place not in ("", "-") and daytime and number >= _HOT
    ]
    return sorted(hot, key=lambda one: (-one.number, order[one.place], order[one.daytime]))[:_TOP]


def _grades(found: Numbers) -> list[Grade]:
    """By grade, never by a number: nobody is ranked."""
    parts: dict[int | None, dict[str, int]] = {}
    for grade, part, number in found.people:
        parts.setdefault(grade, {})[part] = number
    return [Grade(grade=one, **parts[one]) for one in sorted(parts, key=lambda one: (one is None, one or 0))]
