"""Clocks: start, meet, cancel, remind, escalate. Recomputed only when facts change, never by an upgrade."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import ladder, readers, repository
from src.platform.deadlines.catalogue import clocks
from src.platform.deadlines.models import Obligation
from src.platform.deadlines.repository import Asked, Seen
from src.platform.deadlines.schemas import Due, Kept, Running, Tile, Took
from src.platform.deadlines.states import State, state_of
from src.platform.deadlines.terms import compute
from src.platform.kit import clock
from src.platform.kit.errors import NotFound, StaleVersion
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.tenants.schemas import Member
from src.platform.workdays import calendar
from src.platform.workdays import service as workdays

MOST_SHOWN = 200
OWN = "organisation"
"""The kind of clocks that belong to no record but to the organisation: its weekly meeting, its monthly forms."""
_LISTED = ("incident", "referral")
_PRESSING: tuple[State, ...] = ("overdue", "amber")
clocks_of = repository.clocks_of
"""A read that a page may ask for together with its own."""
next_due, next_state, next_running = repository.next_due, repository.next_state, repository.next_running
"""When the next clock of a row is due, how it stands, and the clock, inside a statement of a module above."""
reads_to_start = workdays.reads
"""What `start` asks for, likewise."""


async def start(
    unit: Unit,
    code: str,
    subject_kind: str,
    subject_id: UUID,
    started_at: datetime,
    *,
    period: str = "",
    responsible: UUID | None = None,
    is_first: bool = False,
) -> None:
    """Start a clock at the moment the law counts from; starting the same one twice changes nothing.

    `is_first`: the record is of this very transaction, so it has no such clock, and nobody asks for it before the end.
    """
    terms = compute(clocks()[code], started_at, await workdays.calendar(unit), week=period)
    values = {
        "tenant_id": unit.tenant_id,
        "id": new_id(),
        "code": code,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "period": period,
        "started_at": terms.started_at,
        "target_at": terms.target_at,
        "due_at": terms.due_at,
        "calendar_version": terms.calendar_version,
        "skipped": [[one.day.isoformat(), one.reason, one.name] for one in terms.explanation],
        "responsible": responsible,
    }
    obligation_id = await (repository.add_first if is_first else repository.add)(unit, values)
    if obligation_id is None:
        return
    calls = [(terms.due_at, "deadlines.expire")]
    if terms.target_at < terms.due_at:
        calls.insert(0, (terms.target_at, "deadlines.remind"))
    await outbox.wake_all(unit, calls, {"obligation": obligation_id})


def role_that_owes(code: str) -> str:
    """The role or relation that owes a clock (clocks.toml)."""
    return clocks()[code].responsible


async def meet(unit: Unit, code: str, subject_id: UUID, at: datetime, *, period: str = "") -> None:
    """The duty is done; the real time is kept, late or not."""
    for due_at in await repository.meet(unit, [code], subject_id, period, at):
        await _refresh_counters(unit, due_at)


async def cancel(unit: Unit, code: str, subject_id: UUID) -> None:
    """The duty fell away (recall, end of a service); what was overdue by then stays missed."""
    await repository.cancel(unit, code, subject_id, clock.now())


async def release(unit: Unit, membership_id: UUID) -> None:
    """Somebody has left: what they owed is everybody's who may read the record, until it has an owner again."""
    await repository.release(unit, membership_id)


async def let_go(unit: Unit, subject_id: UUID, members: Collection[UUID]) -> None:
    """The same of one record: these may not read it any more, so they owe nothing of it (decisions 17)."""
    await repository.let_go(unit, subject_id, members)


async def hand_to(unit: Unit, subject_ids: list[UUID], membership_id: UUID) -> None:
    """The running clocks of some records are owed by somebody else from now on."""
    await repository.hand_to(unit, subject_ids, membership_id)


async def take_over(unit: Unit, from_id: UUID, into_id: UUID) -> None:
    """A record became part of another: its running clocks run there, each from the earlier start (decisions 10)."""
    rows = await repository.of_subjects(unit, [from_id, into_id])
    there = {(row.code, row.period): row for row in rows if row.subject_id == into_id and row.cancelled_at is None}
    for row in rows:
        if row.subject_id != from_id or row.met_at or row.cancelled_at:
            continue
        await cancel(unit, row.code, from_id)
        known = there.get((row.code, row.period))
        if known is not None and (known.met_at or known.started_at <= row.started_at):
            continue
        owner = row.responsible if known is None else known.responsible
        await cancel(unit, row.code, into_id)
        await start(unit, row.code, row.subject_kind, into_id, row.started_at, period=row.period, responsible=owner)


async def hand_on(unit: Unit, code: str, subject_id: UUID, before: UUID, after: UUID) -> None:
    """A running clock that somebody owed, or nobody, is owed by somebody else from now on."""
    await repository.hand_on(unit, code, subject_id, before, after)


async def told_as(unit: Unit, obligation_id: UUID, membership_id: UUID) -> tuple[str, str, UUID]:
    """What a message to a member says of a clock: its code, and the record or the clock itself. Raises NotFound."""
    row = await repository.one(unit, obligation_id)
    if row is None:
        raise NotFound
    about = (row.subject_kind, row.subject_id) if row.subject_kind != OWN else ("clock", row.id)
    return ladder.told_as(row, membership_id), *about


async def may_hear(unit: Unit, members: list[Member], obligation_id: UUID) -> list[Member]:
    """The members that may hear of one clock: those of its record."""
    row = await repository.one(unit, obligation_id)
    return await readers.of(unit, row.subject_kind, members, row.subject_id) if row else []


async def of_subject(unit: Unit, subject_id: UUID) -> list[Due]:
    """Every clock of one record."""
    return [due(row) for row in await repository.of_subjects(unit, [subject_id])]


async def of_subjects(unit: Unit, subject_ids: list[UUID]) -> dict[UUID, list[Due]]:
    """Every clock of the records of a list, in one statement."""
    found: dict[UUID, list[Due]] = {subject_id: [] for subject_id in subject_ids}
    for row in await repository.of_subjects(unit, subject_ids):
        found[row.subject_id].append(due(row))
    return found


async def due_for_me(unit: Unit) -> list[Due]:
    """Running clocks that this person owes or oversees, only of records they may read (decisions 17)."""
    owed_by = None if _oversees(unit) else frozenset({unit.me.membership_id, None})
    found = await repository.visible(unit, Asked(owed_by=owed_by), now=clock.now(), most=MOST_SHOWN)
    return [await due_of(unit, one) for one in found]


def tiles(unit: Unit, rows: list[Due]) -> list[Tile]:
    """Counts over what `due_for_me` gave, to who oversees every clock; none where it could not give all of them."""
    if not _oversees(unit) or len(rows) >= MOST_SHOWN:
        return []
    first: dict[UUID, Due] = {}
    for due in open_to(rows, frozenset()):
        first.setdefault(due.subject_id, due)
    counted = Counter((due.subject_kind, due.state) for due in first.values())
    wanted = [(kind, state) for kind in _LISTED for state in _PRESSING if counted[kind, state]]
    return [Tile(subject_kind=kind, state=state, number=counted[kind, state]) for kind, state in wanted]


async def kept_in(unit: Unit, month: int) -> list[Kept]:
    """How the organisation's clocks ended that fell due in a local month (YYYYMM)."""
    return await repository.kept(unit, *calendar.month_bounds(month), clock.now())


async def subjects_in(unit: Unit, month: int, codes: Collection[str]) -> list[tuple[str, UUID]]:
    """The records whose clocks of these codes `kept_in` counts in a month, each once a code."""
    return await repository.subjects(unit, *calendar.month_bounds(month), clock.now(), codes)


async def took_in(unit: Unit, month: int, codes: Collection[str]) -> list[Took]:
    """How many hours clocks ran that fell due in a local month (YYYYMM) and were met before it was over."""
    return await repository.took(unit, *calendar.month_bounds(month), codes)


async def _refresh_counters(unit: Unit, at: datetime) -> None:
    day = clock.local_date(at)
    await outbox.emit(unit, "oversight.refresh", {"month": day.year * 100 + day.month})


def of_my_roles(unit: Unit) -> frozenset[str]:
    """The codes that a role of the person owes as long as nobody is named."""
    return frozenset(code for code, one in clocks().items() if one.responsible in unit.me.roles)


def _oversees(unit: Unit) -> bool:
    return access.may_enter(unit.me, "obligation.oversee")


async def locked(unit: Unit, obligation_id: UUID, version: int) -> Seen:
    """One clock that the reader may see, locked for a verb. Raises NotFound, StaleVersion."""
    found = await repository.seen(unit, obligation_id, lock=True)
    if found is None:
        raise NotFound
    if found.row.version != version:
        raise StaleVersion
    return found


def open_to(rows: Iterable[Due], classes: frozenset[str]) -> list[Due]:
    """The clocks of a record that these classes open: one that tells of health needs it."""
    return [one for one in rows if tells_to(one.code, classes)]


def tells_to(code: object, classes: frozenset[str]) -> bool:
    """Whether who has these classes may know that a clock of this code runs."""
    known = clocks().get(str(code))
    return known is None or not known.field_class or known.field_class in classes


async def due_of(unit: Unit, one: Seen) -> Due:
    """A clock with what its record is called."""
    return due(one.row, label=await readers.label(unit, one.row.subject_kind, one.row.subject_id, one.number))


def due(row: Obligation | Running, *, label: str = "", now: datetime | None = None) -> Due:
    """A clock as pages show it; `now` where a list asks for many."""
    return Due(
        id=row.id,
        code=row.code,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        period=row.period,
        started_at=row.started_at,
        target_at=row.target_at,
        due_at=row.due_at,
        state=state_of(row, now or clock.now()),
        clause=clocks()[row.code].clause,
        at_once=clocks()[row.code].at_once,
        label=label,
    )


__all__ = ["Due", "Kept", "Tile"]
