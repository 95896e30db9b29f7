"""Verbs of process (e): recall, accept, decline; agreements, sending and the partner's work have files of their own."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import NotFound, StaleVersion
from src.platform.outbox import service as outbox
from src.platform.referrals import opening, repository, states
from src.platform.referrals.models import Referral
from src.platform.referrals.repository import Tied
from src.platform.referrals.schemas import CONTRACT_FIELDS, PARTNER_KINDS, SERVICES
from src.platform.tenants import service as tenants
from src.platform.workdays import calendar

ANSWER, WEEKLY = "clk_partner_answer", "clk_partner_weekly"


async def recall(unit: Unit, referral_id: UUID, version: int) -> None:
    """Take a referral back before it was opened; the slice is destroyed (decisions 8). Raises OpenedError."""
    tied = await _for_verb(unit, referral_id, "referral.send")
    after = states.advance(tied.referral.state, "recall")
    await opening.check_not_opened(unit, referral_id)
    await _write(unit, tied.referral, version, state=after, sealed_slice=None, ended_at=clock.now())
    await deadlines.cancel(unit, ANSWER, referral_id)
    await outbox.emit(unit, "referrals.recalled", {"referral": referral_id}, target_tenant=tied.referral.peer_tenant_id)
    audit.record(unit, "referral.recalled", "referral", [referral_id])


async def accept(unit: Unit, referral_id: UUID, version: int) -> None:
    """The partner takes the child; from now on every week owes a report (R-147)."""
    tied = await _for_verb(unit, referral_id, "referral.answer")
    await take_on(unit, tied.referral, version)


async def take_on(unit: Unit, referral: Referral, version: int) -> None:
    """The same in the partner's organisation; the caller has asked who may."""
    after = states.advance(referral.state, "accept")
    at = clock.now()
    await _write(unit, referral, version, state=after, answered_at=at)
    await deadlines.meet(unit, ANSWER, referral.id, at)
    await open_week(unit, referral.id, calendar.week_of(clock.local_date(at)))
    await outbox.emit(unit, "referrals.answered", {"referral": referral.id}, target_tenant=referral.tenant_id)
    audit.record(unit, "referral.accepted", "referral", [referral.id])


async def decline(unit: Unit, referral_id: UUID, version: int, reason: str) -> None:
    """The partner cannot help, with a reason."""
    tied = await _for_verb(unit, referral_id, "referral.answer")
    after = states.advance(tied.referral.state, "decline")
    at = clock.now()
    await _write(unit, tied.referral, version, state=after, answered_at=at, decline_reason=reason, ended_at=at)
    await deadlines.meet(unit, ANSWER, referral_id, at)
    await _tell_school(unit, tied, "referrals.answered")
    audit.record(unit, "referral.declined", "referral", [referral_id])


async def open_week(unit: Unit, referral_id: UUID, week: str) -> None:
    """The report of one week is owed; the next opens by itself, counted from this one, never from now (S-50)."""
    referral = await repository.plain(unit, referral_id)
    if referral is None or referral.state != "accepted":
        return
    note = await repository.about(unit, referral_id)
    starts = calendar.at_local(calendar.monday_of(week), calendar.MIDNIGHT)
    responsible = note.manager if note else None
    await deadlines.start(unit, WEEKLY, "referral", referral_id, starts, period=week, responsible=responsible)
    for report in await repository.reports(unit, referral_id):
        if report.week == week:  # it came before we heard of the acceptance
            await deadlines.meet(unit, WEEKLY, referral_id, report.submitted_at, period=week)
    after = calendar.week_after(week)
    year, _, number = after.partition("-W")
    at = calendar.at_local(calendar.monday_of(after), calendar.MIDNIGHT)
    await outbox.wake(
        unit, at, "referrals.open_week", {"referral": referral_id, "year": int(year), "week": int(number)}
    )


def weeks_to_report(referral: Referral) -> list[str]:
    """ISO weeks from the acceptance to the present one, the newest first."""
    if referral.answered_at is None:
        return []
    week, last = (
        calendar.week_of(clock.local_date(referral.answered_at)),
        calendar.week_of(clock.local_date(clock.now())),
    )
    weeks = [week]
    while weeks[-1] != last:
        weeks.append(calendar.week_after(weeks[-1]))
    return weeks[::-1]


async def here(unit: Unit, referral_id: UUID) -> Referral:
    """A referral that came to the unit's organisation. Raises NotFound where its person sees none."""
    tied = await repository.one(unit, referral_id)
    if tied is None or tied.referral.peer_tenant_id != unit.tenant_id:
        raise NotFound
    return tied.referral


async def contracts(unit: Unit) -> dict[tuple[UUID, str], list[str]]:
    """(partner, service) -> the fields that go, for everything that a child can be referred to today.

    A body that must act by law needs no agreement for any service and gets every field (R-145).
    """
    kinds = await tenants.setting(unit, "partner_kinds_without_agreement")
    partners = {one.id: one for one in await tenants.organisations(unit) if one.kind in PARTNER_KINDS}
    by_law = [one for one in partners.values() if one.kind in kinds]
    without = {(one.id, key): list(CONTRACT_FIELDS) for one in by_law for key in SERVICES}
    agreed = {
        (one.peer_tenant_id, key): one.contract_fields
        for one in await repository.agreements_in_force(unit, clock.local_date(clock.now()))
        for key in one.service_types
        if one.peer_tenant_id in partners
    }
    return without | agreed


async def _for_verb(unit: Unit, referral_id: UUID, permission: str) -> Tied:
    tied = await repository.one(unit, referral_id, lock=True)
    if tied is None:
        raise NotFound
    access.demand(unit.me, permission, tied.relations, reading="referral.read")
    return tied


async def _write(unit: Unit, referral: Referral, version: int, **changes: object) -> None:
    if not await repository.write(unit, referral, version, **changes):
        raise StaleVersion


async def _tell_school(unit: Unit, tied: Tied, actor: str) -> None:
    await outbox.emit(unit, actor, {"referral": tied.referral.id}, target_tenant=tied.referral.tenant_id)


for_verb, write = _for_verb, _write
"""For the verbs in other files of the module."""
