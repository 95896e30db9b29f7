"""A clock explains itself: from what to when, without which days, by which clause, who heard of it, who changed it."""

from datetime import date
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.deadlines import periodic, repository, service, stopping, views
from src.platform.deadlines.catalogue import clocks
from src.platform.deadlines.models import Change, Obligation, Told
from src.platform.deadlines.schemas import ChangeLine, ClockPage, ToldLine
from src.platform.deadlines.terms import Terms
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import use
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays.schemas import Skipped

_OVERSEES = "obligation.oversee"


async def page(unit: Unit, obligation_id: UUID) -> ClockPage:
    """One clock with its story. Raises NotFound alike for a foreign, a hidden and an unknown id (S-12)."""
    found = await repository.seen(unit, obligation_id)
    if found is None:
        raise NotFound
    use(unit.language)
    row, clock = found.row, clocks()[found.row.code]
    told, changes = repository.story_of(row.id)
    await together.prefetch(unit.session, told, changes, tenants.all_members())
    oversees = access.may_enter(unit.me, _OVERSEES) or access.may_enter(unit.me, stopping.MOVES)
    names = await _names(unit)
    steps, moved = await together.rows(unit.session, told), await together.rows(unit.session, changes)
    audit.record(unit, "clock.read", row.subject_kind, [row.subject_id, row.id])
    may_move = stopping.may_move(unit, row) and all(one.decided_at for one in moved)
    return ClockPage(
        clock=await service.due_of(unit, found),
        why=views.why(clock, _terms(row), period=row.period),
        source=clock.clause,
        rules=clock.rules,
        decided=clock.decided,
        responsible=names.get(row.responsible, "") if row.responsible else "",
        responsible_role=clock.responsible,
        calendar_version=row.calendar_version.partition("-")[2] or row.calendar_version,
        met_at=row.met_at,
        overdue_at=row.overdue_at,
        ended_at=row.cancelled_at,
        stopped=row.stopped,
        in_a_row=row.in_a_row,
        told=[_told(one, names) for one in steps] if oversees else [],
        told_me=[one.told_at for one in steps if one.membership_id == unit.me.membership_id],
        changes=[await _change(unit, row, one, names) for one in moved] if oversees else [],
        fixed=clock.fixed,
        second_look=stopping.my_concern(unit, row),
        version=row.version,
        may=[*(("extend", "stop") if may_move else ()), *(("note_meeting",) if _may_note(unit, row) else ())],
    )


def _terms(row: Obligation) -> Terms:
    """The term as it was computed; nothing is counted anew, whatever calendar is in force today."""
    skipped = tuple(Skipped(date.fromisoformat(day), reason, name) for day, reason, name in row.skipped)
    return Terms(row.started_at, row.target_at, row.due_at, row.calendar_version, skipped)


async def _names(unit: Unit) -> dict[UUID, str]:
    members = await tenants.members(unit)
    known = await vault.staff_names(unit, [one.person_id for one in members])
    return {one.membership_id: known.get(one.person_id, "") for one in members}


def _told(one: Told, names: dict[UUID, str]) -> ToldLine:
    return ToldLine(
        rung=one.rung,
        role=one.role,
        name=names.get(one.membership_id, "") if one.membership_id else "",
        stands_in=one.stands_in,
        at=one.told_at,
    )


async def _change(unit: Unit, row: Obligation, one: Change, names: dict[UUID, str]) -> ChangeLine:
    asks = one.asked_by == unit.me.membership_id or stopping.my_concern(unit, row)
    return ChangeLine(
        id=one.id,
        kind=one.kind,
        reason=await vault.open_text(unit, one.reason, stopping.REASON, one.id),
        asked_by=names.get(one.asked_by, ""),
        asked_at=one.asked_at,
        decided_by=names.get(one.decided_by, "") if one.decided_by else "",
        decided_at=one.decided_at,
        agreed=one.agreed,
        due_before=one.due_before,
        due_after=one.due_after,
        version=one.version,
        may_decide=one.decided_at is None and not asks and access.may_enter(unit.me, stopping.MOVES),
    )


def _may_note(unit: Unit, row: Obligation) -> bool:
    is_open = row.code == periodic.WEEKLY and not row.met_at and not row.cancelled_at
    return is_open and access.may_enter(unit.me, "team.note_meeting")
