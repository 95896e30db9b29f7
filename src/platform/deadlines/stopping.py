"""Stopping or extending a clock: with authority, a reason, and a second look where it concerns oneself (ADR 18).

What is past stays: a missed term is neither. The term itself is never computed again here; its calendar version and
the days it did not count stay as they were.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import readers, repository
from src.platform.deadlines.catalogue import clocks
from src.platform.deadlines.errors import (
    ChangeWaitsError,
    FixedClockError,
    MissedError,
    NobodyForSecondLookError,
    NotRunningError,
    OwnChangeError,
    TooOftenExtendedError,
)
from src.platform.deadlines.models import Change, Obligation
from src.platform.deadlines.terms import ends_on
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Forbidden, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault
from src.platform.workdays import calendar
from src.platform.workdays import service as workdays

MOVES = "obligation.move"
REASON = "obligation_change.reason"


async def extend(unit: Unit, obligation_id: UUID, version: int, *, until: date, reason: str) -> None:
    """Move the end of a running term. Raises NotFound, Forbidden, Invalid, StaleVersion and what stands in errors."""
    row = await _running(unit, obligation_id, version)
    changes = await repository.changes_of(unit, row.id)
    most: int = await tenants.setting(unit, "clock_extensions_most")
    if sum(one.kind == "extended" and bool(one.agreed) for one in changes) >= most:
        raise TooOftenExtendedError
    due_at = ends_on(clocks()[row.code], until, await workdays.calendar(unit))
    days: int = await tenants.setting(unit, "clock_extension_days")
    last = calendar.end_of_day(calendar.add_days(clock.local_date(row.due_at), days))
    if not row.due_at < due_at <= last:
        message = N_("Choose a day after the present end, at most %(days)s days later")
        raise Invalid(fields=[FieldError("until", "out_of_range", message, (("days", days),))])
    await _ask(unit, row, "extended", reason, due_at)


async def stop(unit: Unit, obligation_id: UUID, version: int, *, reason: str) -> None:
    """End a running term without the duty being done. Raises as `extend` does."""
    await _ask(unit, await _running(unit, obligation_id, version), "stopped", reason, None)


async def decide(unit: Unit, obligation_id: UUID, change_id: UUID, version: int, *, agree: bool) -> None:
    """The second look. Raises NotFound, Forbidden, OwnChangeError, StaleVersion, and when the term ended meanwhile."""
    access.require(unit, MOVES)
    found = await repository.seen(unit, obligation_id, lock=True)
    if found is None:
        raise NotFound
    row = found.row
    change = next((one for one in await repository.changes_of(unit, row.id) if one.id == change_id), None)
    if change is None:
        raise NotFound
    if change.decided_at is not None or change.version != version:
        raise StaleVersion
    if change.asked_by == unit.me.membership_id or concerns(row, _me(unit)):
        raise OwnChangeError
    if agree:
        _refuse_ended(row)
    change.decided_by, change.decided_at, change.agreed = unit.me.membership_id, clock.now(), agree
    change.version += 1
    if agree:
        await _apply(unit, row, change)
    else:
        _note(unit, row, "clock.change_refused", change)


def concerns(row: Obligation, member: Member) -> bool:
    """Whether somebody would decide on what they owe themselves."""
    if row.responsible is not None:
        return row.responsible == member.membership_id
    return clocks()[row.code].responsible in member.roles


def may_move(unit: Unit, row: Obligation) -> bool:
    """Whether the page offers it."""
    return _is_running(row) and not clocks()[row.code].fixed and access.may_enter(unit.me, MOVES)


def my_concern(unit: Unit, row: Obligation) -> bool:
    """Whether the unit's person owes it."""
    return concerns(row, _me(unit))


async def _running(unit: Unit, obligation_id: UUID, version: int) -> Obligation:
    """A clock that this person may change, locked."""
    found = await repository.seen(unit, obligation_id, lock=True)
    if found is None:
        raise NotFound
    if not access.may_enter(unit.me, MOVES):
        raise Forbidden(MOVES)
    if clocks()[found.row.code].fixed:
        raise FixedClockError
    if found.row.version != version:
        raise StaleVersion
    _refuse_ended(found.row)
    return found.row


def _refuse_ended(row: Obligation) -> None:
    if row.met_at or row.cancelled_at:
        raise NotRunningError
    if not _is_running(row):
        raise MissedError


def _is_running(row: Obligation) -> bool:
    return not row.met_at and not row.cancelled_at and clock.now() <= row.due_at


async def _ask(unit: Unit, row: Obligation, kind: str, reason: str, due_after: datetime | None) -> None:
    change_id = new_id()
    change = Change(
        tenant_id=unit.tenant_id,
        id=change_id,
        obligation_id=row.id,
        kind=kind,
        reason=await vault.seal_text(unit, reason, REASON, change_id),
        asked_by=unit.me.membership_id,
        asked_at=clock.now(),
        due_before=row.due_at,
        due_after=due_after,
        version=1,
    )
    second = await _others(unit, row) if my_concern(unit, row) else None
    if second == []:
        raise NobodyForSecondLookError
    if second is None:
        change.decided_by, change.decided_at, change.agreed = unit.me.membership_id, change.asked_at, True
    try:
        async with unit.session.begin_nested():  # one wish at a time: that is this verb's answer
            unit.session.add(change)
    except IntegrityError as error:
        raise ChangeWaitsError from error
    if second is None:
        await _apply(unit, row, change)
        return
    for one in second:
        args = {"membership": one.membership_id, "obligation": row.id}
        await outbox.emit(unit, "notifications.clock_change_asked", args)
    _note(unit, row, "clock.change_asked", change)


async def _apply(unit: Unit, row: Obligation, change: Change) -> None:
    row.version += 1
    if change.due_after is None:
        row.cancelled_at, row.stopped = clock.now(), True
    else:
        row.due_at = change.due_after
        await outbox.wake(unit, row.due_at, "deadlines.expire", {"obligation": row.id})
    _note(unit, row, f"clock.{change.kind}", change)


async def _others(unit: Unit, row: Obligation) -> list[Member]:
    """Who may take the second look."""
    roles = access.holders(MOVES)
    known = [one for one in await tenants.members(unit) if one.roles & roles and not concerns(row, one)]
    others = [one for one in known if one.membership_id != unit.me.membership_id]
    return await readers.of(unit, row.subject_kind, others, row.subject_id)


def _note(unit: Unit, row: Obligation, action: str, change: Change) -> None:
    ids = [row.subject_id, row.id, change.id]
    audit.record(unit, action, row.subject_kind, ids, detail={"code": row.code})


def _me(unit: Unit) -> Member:
    me = unit.me
    return Member(membership_id=me.membership_id, user_id=me.user_id, person_id=me.person_id, roles=me.roles)
