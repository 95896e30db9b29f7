"""Clocks: start, meet, cancel, remind, escalate. Recomputed only when facts change, never by an upgrade."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import readers, repository
from src.platform.deadlines.catalogue import Rung, clocks
from src.platform.deadlines.models import Obligation
from src.platform.deadlines.schemas import Kept
from src.platform.deadlines.states import State, state_of
from src.platform.deadlines.terms import compute
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.tenants.schemas import Member
from src.platform.workdays import calendar
from src.platform.workdays import service as workdays

MOST_SHOWN = 200
_LISTED = ("incident", "referral")
_PRESSING: tuple[State, ...] = ("overdue", "amber")
clocks_of = repository.clocks_of
"""A read that a page may ask for together with its own."""
next_due, next_state = repository.next_due, repository.next_state
"""When the next clock of a row is due, and how it stands, inside a statement of a module above."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A clock as pages show it."""

    id: UUID
    code: str
    subject_kind: str
    subject_id: UUID
    period: str
    started_at: datetime
    target_at: datetime
    due_at: datetime
    state: State
    clause: str
    at_once: bool = False
    label: str = ""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of a kind stand so by the clock that is due first; each leads to exactly that list."""

    subject_kind: str
    state: State
    number: int


async def start(
    unit: Unit,
    code: str,
    subject_kind: str,
    subject_id: UUID,
    started_at: datetime,
    *,
    period: str = "",
    responsible: UUID | None = None,
) -> None:
    """Start a clock at the moment the law counts from; starting the same one twice changes nothing."""
    terms = compute(clocks()[code], started_at, await workdays.calendar(unit), week=period)
    obligation_id = await repository.add(
        unit,
        {
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
            "responsible": responsible,
        },
    )
    if obligation_id is None:
        return
    args = {"obligation": obligation_id}
    if terms.target_at < terms.due_at:
        await outbox.wake(unit, terms.target_at, "deadlines.remind", args)
    await outbox.wake(unit, terms.due_at, "deadlines.expire", args)


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


async def find(unit: Unit, obligation_id: UUID) -> Due:
    """One clock. Raises NotFound."""
    row = await repository.one(unit, obligation_id)
    if row is None:
        raise NotFound
    return _due(row)


async def of_subject(unit: Unit, subject_id: UUID) -> list[Due]:
    """Every clock of one record."""
    return [_due(row) for row in await repository.of_subjects(unit, [subject_id])]


async def of_subjects(unit: Unit, subject_ids: list[UUID]) -> dict[UUID, list[Due]]:
    """Every clock of the records of a list, in one statement."""
    found: dict[UUID, list[Due]] = {subject_id: [] for subject_id in subject_ids}
    for row in await repository.of_subjects(unit, subject_ids):
        found[row.subject_id].append(_due(row))
    return found


async def due_for_me(unit: Unit) -> list[Due]:
    """Running clocks that this person owes or oversees, only of records they may read (decisions 17)."""
    me = Member(
        membership_id=unit.me.membership_id, user_id=unit.me.user_id, person_id=unit.me.person_id, roles=unit.me.roles
    )
    rows = await repository.running(unit, me.membership_id, all_of_the_organisation=_oversees(unit), most=MOST_SHOWN)
    readable = await readers.readable_subjects(unit, {(row.subject_kind, row.subject_id) for row in rows})
    return [_due(row, label=readable[row.subject_id]) for row in rows if row.subject_id in readable]


def tiles(unit: Unit, rows: list[Due]) -> list[Tile]:
    """Counts over what `due_for_me` gave, to who oversees every clock; none where it could not give all of them."""
    if not _oversees(unit) or len(rows) >= MOST_SHOWN:
        return []
    first: dict[UUID, Due] = {}
    for due in rows:
        first.setdefault(due.subject_id, due)
    counted = Counter((due.subject_kind, due.state) for due in first.values())
    wanted = [(kind, state) for kind in _LISTED for state in _PRESSING if counted[kind, state]]
    return [Tile(subject_kind=kind, state=state, number=counted[kind, state]) for kind, state in wanted]


async def kept_in(unit: Unit, month: int) -> list[Kept]:
    """How the organisation's clocks ended that fell due in a local month (YYYYMM)."""
    first = date(month // 100, month % 100, 1)
    start, end = (calendar.at_local(day, calendar.MIDNIGHT) for day in (first, calendar.add_months(first, 1)))
    return await repository.kept(unit, start, end, clock.now())


async def remind(unit: Unit, obligation_id: UUID) -> None:
    """The target has come: tell who is responsible, unless it is done already."""
    row = await repository.lock(unit, obligation_id)
    if row is None or row.met_at or row.cancelled_at or row.reminded_at:
        return
    row.reminded_at, row.version = clock.now(), row.version + 1
    await _climb(unit, row, clocks()[row.code].rungs("target"), "clock_target")


async def expire(unit: Unit, obligation_id: UUID) -> None:
    """The limit has passed: mark it, climb the ladder, count for the city. Running twice changes nothing."""
    row = await repository.lock(unit, obligation_id)
    if row is None or row.met_at or row.cancelled_at or row.overdue_at or clock.now() < row.due_at:
        return
    row.overdue_at, row.version = row.due_at, row.version + 1
    await unit.session.flush()  # counted below
    missed = await repository.missed_in_a_row(unit, row.code, row.subject_id, row.period)
    ladder = clocks()[row.code]
    rungs = ladder.rungs("limit") + [rung for n in range(1, missed + 1) for rung in ladder.rungs(f"missed:{n}")]
    await _climb(unit, row, rungs, "clock_overdue")
    audit.record(unit, "clock.overdue", row.subject_kind, [row.subject_id], detail={"code": row.code})
    await _refresh_counters(unit, row.due_at)


async def _climb(unit: Unit, row: Obligation, rungs: list[Rung], kind: str) -> None:
    """Tell the recipients of the rungs that may read the record; skipped rungs go to the next, last the commission."""
    if not rungs:
        return
    later = [rung for rung in clocks()[row.code].ladder if rung not in rungs]
    for climbed in (rungs, *([rung] for rung in later)):
        told = await _readers_of(unit, row, climbed)
        for member in told:
            args = {"membership": member.membership_id, "obligation": row.id}
            await outbox.emit(unit, f"notifications.{kind}", args)
        if told:
            return
    await tenants.alert_commission(unit, Alert.NOBODY_TO_TELL)


async def _readers_of(unit: Unit, row: Obligation, rungs: list[Rung]) -> list[Member]:
    """Everybody on these rungs that may read the record, each once (decisions 17)."""
    wanted: dict[UUID, Member] = {}
    for role in dict.fromkeys(role for rung in rungs for role in rung.to):
        instead = await readers.instead_of(unit, role, row.subject_kind, row.subject_id)
        for member in [*await _holders(unit, role, row), *instead]:
            wanted[member.membership_id] = member
    return await readers.of(unit, row.subject_kind, list(wanted.values()), row.subject_id)


async def _holders(unit: Unit, role: str, row: Obligation) -> list[Member]:
    if role != "responsible":
        return await tenants.members_with_role(unit, role)
    return await tenants.members(unit, [row.responsible]) if row.responsible else []


async def _refresh_counters(unit: Unit, at: datetime) -> None:
    day = clock.local_date(at)
    await outbox.emit(unit, "oversight.refresh", {"month": day.year * 100 + day.month})


def _oversees(unit: Unit) -> bool:
    return access.may_enter(unit.me, "obligation.oversee")


def _due(row: Obligation, *, label: str = "") -> Due:
    return Due(
        id=row.id,
        code=row.code,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        period=row.period,
        started_at=row.started_at,
        target_at=row.target_at,
        due_at=row.due_at,
        state=state_of(row, clock.now()),
        clause=clocks()[row.code].clause,
        at_once=clocks()[row.code].at_once,
        label=label,
    )
