"""The list of incidents for one reader, narrowed as asked; what is hidden is not counted, sorted, searched (S-17)."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.deadlines.service import Due
from src.platform.incidents import repository, service
from src.platform.incidents.reading import filters, saved
from src.platform.incidents.reading import repository as list_repository
from src.platform.incidents.reading.filters import Asked
from src.platform.incidents.reading.repository import Listed
from src.platform.incidents.reading.schemas import ClassChoice, IncidentList, IncidentRow
from src.platform.kit import clock, cursor
from src.platform.roster import service as roster
from src.platform.vault import service as vault

PAGE_SIZE = 50
LOOKED_THROUGH = 2000
"""How many incidents one page looks through for the code of a person; the next page goes on from there."""


async def listing(unit: Unit, asked: Asked, after: str | None = None) -> IncidentList:
    """One page of the incidents that I may see. Raises Invalid for a damaged cursor, a question about hidden things."""
    filters.refuse_hidden(unit, asked)
    place = cursor.place(after)
    empty = await empty_list(unit, asked)
    shown, rest_behind = await _found(unit, asked, place)
    ids = [one.incident.id for one in shown]
    await list_repository.prefetch_rows(unit, ids)
    clocks = await deadlines.of_subjects(unit, ids)
    people: dict[UUID, list[str]] = {incident_id: [] for incident_id in ids}
    for person in await repository.participations(unit, ids) if ids else ():
        people[person.incident_id].append(await service.code_of(unit, person.kind, person.id))
    rows = [_row(one, people[one.incident.id], clocks[one.incident.id]) for one in shown]
    if rows:
        names = access.IDENTITY if asked.school_class else frozenset[str]()
        audit.record(unit, "incident.listed", "incident", ids, classes={"case-sensitive"} | names)
    return IncidentList(
        rows=rows,
        after=_after(rest_behind, asked) if rest_behind else None,
        query=asked.query,
        narrowed=asked.narrows,
        filters=empty.filters,
        classes=empty.classes,
    )


async def empty_list(unit: Unit, asked: Asked | None = None) -> IncidentList:
    """The form of the list without a row: what a question that was refused is shown with."""
    may_ask = filters.may_ask_for_classes(unit)
    await list_repository.prefetch_choices(unit, asked.school_class if asked else None, classes=may_ask)
    classes = await roster.class_labels(unit) if may_ask else {}
    mine = await saved.mine(unit)
    return IncidentList(rows=[], after=None, filters=mine, classes=[ClassChoice(*one) for one in classes.items()])


async def _found(unit: Unit, asked: Asked, place: cursor.Place | None) -> tuple[list[Listed], Listed | None]:
    """The rows of one page, and the last one looked at if there are more behind it."""
    by_code = bool(asked.code and not asked.number)
    most = LOOKED_THROUGH if by_code else PAGE_SIZE
    rows = await list_repository.page(
        unit,
        after=place,
        most=most + 1,
        narrowed=filters.conditions(asked, clock.now(), await _students(unit, asked)),
        by_term=asked.sort == "next_term",
        with_people=by_code,
    )
    seen = rows[:most]
    fitting = [one for one in seen if await _fits(unit, asked, one, by_code=by_code)]
    if len(fitting) > PAGE_SIZE:
        return fitting[:PAGE_SIZE], fitting[PAGE_SIZE - 1]
    return fitting, seen[-1] if len(rows) > most else None


async def _fits(unit: Unit, asked: Asked, one: Listed, *, by_code: bool) -> bool:
    """What SQL cannot say: a code is not stored, and a class is asked only of those whose names the reader may read."""
    if asked.school_class and not access.classes(unit.me, "incident.read", one.relations) >= access.IDENTITY:
        return False
    if not by_code:
        return True
    return any([asked.means(await service.code_of(unit, kind, person)) for person, kind in one.people])


async def _students(unit: Unit, asked: Asked) -> list[bytes]:
    if asked.school_class is None:
        return []
    return [await vault.blind_of(unit, one) for one in await roster.students_of(unit, asked.school_class)]


def _row(one: Listed, people: list[str], clocks: list[Due]) -> IncidentRow:
    incident = one.incident
    return IncidentRow(
        id=incident.id,
        number=incident.number,
        state=incident.state,
        urgency=incident.urgency,
        reported_at=incident.reported_at,
        people=people,
        clock=next(
            (due for due in deadlines.open_to(clocks, frozenset()) if due.state in ("open", "amber", "overdue")), None
        ),
    )


def _after(last: Listed, asked: Asked) -> str:
    at = last.next_due if asked.sort == "next_term" else last.incident.reported_at
    return cursor.after(at, last.incident.id)
