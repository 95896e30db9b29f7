"""The ladder of a clock: reminded at the target, climbed at the limit; every step of it is kept.

A rung that nobody may be told on – absent without a deputy, in conflict, gone – goes to the next one, the last to the
commission (decisions 17, R-271). An organisation that is suspended tells nobody of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import absences, readers, repository
from src.platform.deadlines.catalogue import Rung, clocks
from src.platform.deadlines.models import Obligation
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.tenants.schemas import Member

NEUTRAL = "same_day"
"""What a clock is called to somebody who has to hear that it was missed and may not know what it is about."""


@dataclass(frozen=True, slots=True)
class Step:
    """One member told as the holder of a role on a rung, or in the place of one."""

    rung: str
    role: str
    member: Member
    stands_in: bool


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
    row.in_a_row = await repository.missed_in_a_row(unit, row.code, row.subject_id, row.period)
    ladder = clocks()[row.code]
    rungs = ladder.rungs("limit") + [rung for n in range(1, row.in_a_row + 1) for rung in ladder.rungs(f"missed:{n}")]
    await _climb(unit, row, rungs, "clock_overdue")
    audit.record(unit, "clock.overdue", row.subject_kind, [row.subject_id], detail={"code": row.code})
    day = clock.local_date(row.due_at)
    await outbox.emit(unit, "oversight.refresh", {"month": day.year * 100 + day.month})


def told_as(row: Obligation, membership_id: UUID) -> str:
    """The code in a message: that of a guarded clock only to who owes it."""
    return NEUTRAL if clocks()[row.code].field_class and membership_id != row.responsible else row.code


async def _climb(unit: Unit, row: Obligation, rungs: Sequence[Rung], kind: str) -> None:
    if not rungs:
        return
    steps = await _reached(unit, row, rungs)
    for step in {step.member.membership_id: step for step in steps}.values():
        args = {"membership": step.member.membership_id, "obligation": row.id}
        await outbox.emit(unit, f"notifications.{kind}", args)
    kept = [_told(unit, row, s.rung, s.role, member=s.member.membership_id, stands_in=s.stands_in) for s in steps]
    kept += [_told(unit, row, rung.when, "city") for rung in rungs if rung.city]
    if not steps:
        await tenants.alert_commission(unit, Alert.NOBODY_TO_TELL)
        kept.append(_told(unit, row, rungs[-1].when, "commission"))
    await repository.add_told(unit, kept)


async def _reached(unit: Unit, row: Obligation, rungs: Sequence[Rung]) -> list[Step]:
    """Who is told: everybody on these rungs who may read the record, else on the first later rung with anybody."""
    if (await tenants.organisation(unit, unit.tenant_id)).status != "active":
        return []
    later = [rung for rung in clocks()[row.code].ladder if rung not in rungs]
    for climbed in (rungs, *([rung] for rung in later)):
        wanted = [step for rung in climbed for role in rung.to for step in await _on(unit, row, rung, role)]
        people = {step.member.membership_id: step.member for step in wanted}
        may = await readers.of(unit, row.subject_kind, list(people.values()), row.subject_id)
        known = {one.membership_id for one in may}
        steps = [step for step in wanted if step.member.membership_id in known]
        if steps:
            return list({(step.rung, step.member.membership_id): step for step in steps}.values())
    return []


async def _on(unit: Unit, row: Obligation, rung: Rung, role: str) -> list[Step]:
    """The holders of a role who are here, the deputies of those who are not, and who acts in a conflict (R-271)."""
    found = [
        Step(rung.when, role, member, stands_in)
        for member, stands_in in await absences.present(unit, await _holders(unit, role, row))
    ]
    instead = await readers.instead_of(unit, role, row.subject_kind, row.subject_id)
    return found + [Step(rung.when, role, member, stands_in=True) for member in instead]


async def _holders(unit: Unit, role: str, row: Obligation) -> list[Member]:
    if role == "responsible" and row.responsible:
        return await tenants.members(unit, [row.responsible])
    return await tenants.members_with_role(unit, clocks()[row.code].responsible if role == "responsible" else role)


def _told(
    unit: Unit, row: Obligation, rung: str, role: str, *, member: UUID | None = None, stands_in: bool = False
) -> dict[str, Any]:
    return {
        "tenant_id": unit.tenant_id,
        "id": new_id(),
        "obligation_id": row.id,
        "rung": rung,
        "role": role,
        "membership_id": member,
        "stands_in": stands_in,
        "told_at": clock.now(),
    }
