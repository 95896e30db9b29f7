"""Verbs of process (e): agree, sign, refer, recall, accept, decline, report a week, complete."""

from datetime import date
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.casework import service as casework
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.referrals import repository, states
from src.platform.referrals.errors import DuplicateWeekError, NoAgreementError, NoManagerError, WrongStateError
from src.platform.referrals.models import Agreement, Referral, ReferralCase
from src.platform.referrals.repository import Tied
from src.platform.referrals.schemas import CONTRACT_FIELDS, SERVICES, Slice, WeeklyText
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.workdays import calendar

ANSWER, WEEKLY = "clk_partner_answer", "clk_partner_weekly"


async def agree(
    unit: Unit, partner: UUID, *, service_types: list[str], contract_fields: list[str], valid_from: date, valid_to: date
) -> UUID:
    """Draft and sign an agreement for the school; it holds once the partner has signed (R-146)."""
    access.require(unit, "agreement.draft")
    if valid_from > valid_to:
        raise Invalid(fields=[FieldError("valid_to", "before_start", N_("The end lies before the start"))])
    await tenants.organisation(unit, partner)
    row = Agreement(
        tenant_id=unit.tenant_id,
        id=new_id(),
        peer_tenant_id=partner,
        service_types=service_types,
        contract_fields=[f for f in CONTRACT_FIELDS if f in contract_fields],
        valid_from=valid_from,
        valid_to=valid_to,
        signed_by_school_at=clock.now(),
        version=1,
    )
    unit.session.add(row)
    audit.record(unit, "agreement.signed_by_school", "agreement", [row.id])
    return row.id


async def sign(unit: Unit, agreement_id: UUID) -> None:
    """The partner signs. Raises NotFound where there is nothing to sign."""
    access.require(unit, "agreement.sign")
    if not await repository.sign(unit, agreement_id, clock.now()):
        raise NotFound
    audit.record(unit, "agreement.signed_by_partner", "agreement", [agreement_id])


async def refer(
    unit: Unit, case_id: UUID, partner: UUID, *, service_type: str, reason: str, read_for_identities: bool
) -> UUID:
    """Send a child to a service: exactly the fields of the contract, sealed so that only the partner opens them."""
    access.require(unit, "child_case.refer")
    if not read_for_identities:
        message = N_("Read the reason for names of other people and confirm it")
        raise Invalid(fields=[FieldError("read_for_identities", "required", message)])
    case = await casework.for_referral(unit, case_id)
    if case.manager is None:
        raise NoManagerError
    organisation = await tenants.organisation(unit, partner)
    fields = (await contracts(unit)).get((partner, service_type))
    if fields is None:
        raise NoAgreementError
    at, referral_id = clock.now(), new_id()
    packet = await _packet(unit, case, fields, reason)
    sealed = vault.seal_slice(organisation.recipient_key, msgspec.json.encode(packet), referral_id)
    unit.session.add(
        Referral(
            tenant_id=unit.tenant_id,
            id=referral_id,
            peer_tenant_id=partner,
            service_type=service_type,
            state="sent",
            sealed_slice=sealed,
            sent_at=at,
            version=1,
        )
    )
    await unit.session.flush()  # the note of what it is about refers to it
    unit.session.add(
        ReferralCase(
            tenant_id=unit.tenant_id,
            referral_id=referral_id,
            case_id=case.id,
            incident_id=case.incident_id,
            manager=case.manager,
        )
    )
    await deadlines.start(unit, ANSWER, "referral", referral_id, at, responsible=case.manager)
    await outbox.emit(unit, "referrals.received", {"referral": referral_id}, target_tenant=partner)
    quarter = calendar.statistical_quarter(clock.local_date(clock.now()))
    await outbox.emit(unit, "oversight.count_children", {"quarter": quarter})
    audit.record(unit, "referral.sent", "referral", [referral_id, case.id], classes=case.classes)
    return referral_id


async def recall(unit: Unit, referral_id: UUID, version: int) -> None:
    """Take a referral back before it was answered; the slice is destroyed (decisions 8)."""
    tied = await _for_verb(unit, referral_id, "referral.send")
    after = states.advance(tied.referral.state, "recall")
    await _write(unit, tied.referral, version, state=after, sealed_slice=None, ended_at=clock.now())
    await deadlines.cancel(unit, ANSWER, referral_id)
    await outbox.emit(unit, "referrals.recalled", {"referral": referral_id}, target_tenant=tied.referral.peer_tenant_id)
    audit.record(unit, "referral.recalled", "referral", [referral_id])


async def accept(unit: Unit, referral_id: UUID, version: int) -> None:
    """The partner takes the child; from now on every week owes a report (R-147)."""
    tied = await _for_verb(unit, referral_id, "referral.answer")
    after = states.advance(tied.referral.state, "accept")
    at = clock.now()
    await _write(unit, tied.referral, version, state=after, answered_at=at)
    await deadlines.meet(unit, ANSWER, referral_id, at)
    await open_week(unit, referral_id, calendar.week_of(clock.local_date(at)))
    await _tell_school(unit, tied, "referrals.answered")
    audit.record(unit, "referral.accepted", "referral", [referral_id])


async def decline(unit: Unit, referral_id: UUID, version: int, reason: str) -> None:
    """The partner cannot help, with a reason."""
    tied = await _for_verb(unit, referral_id, "referral.answer")
    after = states.advance(tied.referral.state, "decline")
    at = clock.now()
    await _write(unit, tied.referral, version, state=after, answered_at=at, decline_reason=reason, ended_at=at)
    await deadlines.meet(unit, ANSWER, referral_id, at)
    await _tell_school(unit, tied, "referrals.answered")
    audit.record(unit, "referral.declined", "referral", [referral_id])


async def submit_weekly_report(
    unit: Unit,
    referral_id: UUID,
    *,
    week: str,
    sessions_count: int,
    attended_count: int,
    progress: str,
    work_done: str,
    difficulties: str = "",
    danger_flag: bool = False,
    attended_team_meeting: bool = False,
) -> None:
    """One report a week; a late one is taken and keeps its real time (R-147, R-148)."""
    tied = await _for_verb(unit, referral_id, "referral.report")
    if tied.referral.state != "accepted":
        raise WrongStateError
    if attended_count > sessions_count:
        message = N_("More meetings were attended than planned")
        raise Invalid(fields=[FieldError("attended_count", "too_many", message)])
    if week not in weeks_to_report(tied.referral):
        raise Invalid(fields=[FieldError("week", "not_reportable", N_("Choose a week since the child was accepted"))])
    report_id, at = new_id(), clock.now()
    text = msgspec.json.encode(WeeklyText(work_done=work_done, difficulties=difficulties))
    school = await tenants.organisation(unit, tied.referral.tenant_id)
    stored = await repository.add_report(
        unit,
        {
            "tenant_id": unit.tenant_id,
            "id": report_id,
            "peer_tenant_id": school.id,
            "referral_id": referral_id,
            "week": week,
            "sessions_count": sessions_count,
            "attended_count": attended_count,
            "progress": progress,
            "danger_flag": danger_flag,
            "attended_team_meeting": attended_team_meeting,
            "own_text": await vault.seal_text(unit, text.decode(), "weekly_report.own_text", report_id),
            "peer_text": vault.seal_slice(school.recipient_key, text, report_id),
            "submitted_at": at,
        },
    )
    if not stored:
        raise DuplicateWeekError
    await deadlines.meet(unit, WEEKLY, referral_id, at, period=week)
    args = {"referral": referral_id, "report": report_id}
    await outbox.emit(unit, "referrals.week_reported", args, target_tenant=school.id)
    audit.record(unit, "referral.week_reported", "referral", [referral_id, report_id])


async def complete(unit: Unit, referral_id: UUID, version: int) -> None:
    """The service has ended; no further week owes a report."""
    tied = await _for_verb(unit, referral_id, "referral.answer")
    after = states.advance(tied.referral.state, "complete")
    await _write(unit, tied.referral, version, state=after, ended_at=clock.now())
    await deadlines.cancel(unit, WEEKLY, referral_id)
    await _tell_school(unit, tied, "referrals.ended")
    audit.record(unit, "referral.completed", "referral", [referral_id])


async def open_week(unit: Unit, referral_id: UUID, week: str) -> None:
    """The report of one week is owed; the next opens by itself, counted from this one, never from now (S-50)."""
    referral = await repository.plain(unit, referral_id)
    if referral is None or referral.state != "accepted":
        return
    note = await repository.about(unit, referral_id)
    starts = calendar.at_local(calendar.monday_of(week), calendar.MIDNIGHT)
    responsible = note.manager if note else None
    await deadlines.start(unit, WEEKLY, "referral", referral_id, starts, period=week, responsible=responsible)
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


async def contracts(unit: Unit) -> dict[tuple[UUID, str], list[str]]:
    """(partner, service) -> the fields that go, for everything that a child can be referred to today.

    A body that must act by law needs no agreement for any service and gets every field (R-145).
    """
    kinds = await tenants.setting(unit, "partner_kinds_without_agreement")
    by_law = [one for one in await tenants.organisations(unit) if one.kind in kinds]
    without = {(one.id, key): list(CONTRACT_FIELDS) for one in by_law for key in SERVICES}
    agreed = {
        (one.peer_tenant_id, key): one.contract_fields
        for one in await repository.agreements_in_force(unit, clock.local_date(clock.now()))
        for key in one.service_types
    }
    return without | agreed


async def _packet(unit: Unit, case: casework.CaseForReferral, fields: list[str], reason: str) -> Slice:
    identity = await vault.identity_for_slice(unit, case.person_id)
    member = await tenants.member(unit, case.manager or unit.me.membership_id)
    contact = (await vault.staff_names(unit, [member.person_id])).get(member.person_id, "")
    given = {name: getattr(identity, name) for name in CONTRACT_FIELDS if name in fields}
    return Slice(reason=reason, contact_person=contact, **given)


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
