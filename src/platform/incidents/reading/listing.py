"""The list of incidents for one reader, narrowed as asked; what is hidden is not counted, sorted, searched (S-17)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents.models import CLASSES_OF, CODE_WORDS
from src.platform.incidents.reading import filters, saved
from src.platform.incidents.reading import repository as list_repository
from src.platform.incidents.reading.filters import Asked
from src.platform.incidents.reading.repository import Listed
from src.platform.incidents.reading.schemas import ClassChoice, IncidentList, IncidentRow
from src.platform.kit import clock, cursor
from src.platform.roster import service as roster
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden

PAGE_SIZE = 50
LOOKED_THROUGH = 2000
"""How many incidents one page looks through for the code of a person; the next page goes on from there."""


async def listing(unit: Unit, asked: Asked, after: str | None = None, *, with_names: bool = False) -> IncidentList:
    """One page of the incidents that I may see, with the names that I may see if I pressed for them (R-063).

    Raises Invalid for a damaged cursor, a question about hidden things.
    """
    filters.refuse_hidden(unit, asked)
    place = cursor.place(after)
    shown, rest_behind = await _found(unit, asked, place, with_names=with_names)
    empty = await empty_list(unit)
    codes = iter(await _codes(unit, shown))
    now = clock.now()
    names = await _names(unit, shown) if with_names else {}
    called = iter([names.get(person.id, "") for one in shown for person in one.people or ()] if names else [])
    rows = [_row(one, codes, now, called) for one in shown]
    if rows:
        told = access.IDENTITY if asked.school_class else frozenset[str]()
        audit.record(unit, "incident.listed", "incident", [one.id for one in rows], classes={"case-sensitive"} | told)
    return IncidentList(
        rows=rows,
        after=_after(rest_behind, asked) if rest_behind else None,
        query=asked.query,
        narrowed=asked.narrows,
        filters=empty.filters,
        classes=empty.classes,
        hides_names=any(one.people for one in rows) and not names and filters.may_press_for_names(unit),
    )


async def ids(unit: Unit, asked: Asked, most: int) -> list[UUID]:
    """The incidents that the list would show page after page, in its order, up to one more than `most`.

    Raises Invalid for a question about hidden things.
    """
    filters.refuse_hidden(unit, asked)
    found: list[UUID] = []
    place: cursor.Place | None = None
    while len(found) <= most:
        shown, rest_behind = await _found(unit, asked, place, with_names=False)
        found += [one.id for one in shown]
        if rest_behind is None:
            break
        place = cursor.place(_after(rest_behind, asked))
    return found[: most + 1]


async def empty_list(unit: Unit) -> IncidentList:
    """The form of the list without a row: what a question that was refused is shown with."""
    classes = await roster.class_labels(unit) if filters.may_ask_for_classes(unit) else {}
    mine = await saved.mine(unit)
    return IncidentList(rows=[], after=None, filters=mine, classes=[ClassChoice(*one) for one in classes.items()])


async def _names(unit: Unit, shown: Sequence[Listed]) -> dict[str, str]:
    """Names by participation, of every row what the reader may see there."""
    opens = {tied: access.classes(unit.me, "incident.read", tied) for tied in {row.relations for row in shown}}
    records = [
        (row.id, [Hidden(one.id, one.link, CLASSES_OF[one.involvement]) for one in row.people], opens[row.relations])
        for row in shown
        if row.people
    ]
    return await vault.reveal_in_list(unit, records, subject_kind="incident")


async def _found(
    unit: Unit, asked: Asked, place: cursor.Place | None, *, with_names: bool
) -> tuple[list[Listed], Listed | None]:
    """The rows of one page, and the last one looked at if there are more behind it."""
    by_code = bool(asked.code and not asked.number)
    most = LOOKED_THROUGH if by_code else PAGE_SIZE
    rows = await list_repository.page(
        unit,
        after=place,
        most=most + 1,
        narrowed=[*filters.conditions(asked, clock.now(), await _students(unit, asked))],
        by_term=asked.sort == "next_term",
        with_relations=with_names or asked.school_class is not None,
        with_links=with_names,
        beside=list_repository.choices(unit, classes=filters.may_ask_for_classes(unit)),
    )
    seen = rows[:most]
    fitting = [one for one in seen if await _fits(unit, asked, one, by_code=by_code)] if asked.narrows else seen
    if len(fitting) > PAGE_SIZE:
        return fitting[:PAGE_SIZE], fitting[PAGE_SIZE - 1]
    return fitting, seen[-1] if len(rows) > most else None


async def _fits(unit: Unit, asked: Asked, one: Listed, *, by_code: bool) -> bool:
    """What SQL cannot say: a code is not stored, and a class is asked only of those whose names the reader may read."""
    if asked.school_class and not access.classes(unit.me, "incident.read", one.relations) >= access.IDENTITY:
        return False
    if not by_code:
        return True
    return any(asked.means(code) for code in await _codes(unit, [one]))


async def _codes(unit: Unit, shown: Sequence[Listed]) -> list[str]:
    return await vault.codes(unit, [(CODE_WORDS[one.kind], one.id) for row in shown for one in row.people or ()])


async def _students(unit: Unit, asked: Asked) -> list[bytes]:
    if asked.school_class is None:
        return []
    return await vault.blinds_of(unit, *await roster.students_of(unit, asked.school_class))


def _row(one: Listed, codes: Iterator[str], now: datetime, called: Iterator[str]) -> IncidentRow:
    number = len(one.people or ())
    return IncidentRow(
        id=one.id,
        number=one.number,
        state=one.state,
        urgency=one.urgency,
        reported_at=one.reported_at,
        people=list(islice(codes, number)),
        clock=deadlines.due(one.clock, now=now) if one.clock else None,
        names=list(islice(called, number)),
    )


def _after(last: Listed, asked: Asked) -> str:
    if asked.sort != "next_term":
        return cursor.after(last.reported_at, last.id)
    return cursor.after(last.clock.due_at if last.clock else None, last.id)
