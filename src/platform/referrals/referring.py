"""Sending a child to one or several services at once: compose, show, send; from a case or from an incident (R-262).

One function makes what is shown and what is sealed: nothing goes that nobody has seen (S-20).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.casework import service as casework
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import outward
from src.platform.incidents.triage import forwarding
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.referrals import help_drafts, help_request, repository, service
from src.platform.referrals.errors import NeedsCaseError, NoAgreementError, NoManagerError, WrongStateError
from src.platform.referrals.models import Referral, ReferralCase
from src.platform.referrals.referring_schemas import Asked, Packet, Preview, Recipient
from src.platform.referrals.schemas import CONTRACT_FIELDS, Slice
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation
from src.platform.vault import service as vault
from src.platform.workdays import calendar

REDIRECT = "clk_partner_redirect"
COMMISSION = "commission"


@dataclass(frozen=True, slots=True)
class Child:
    """Who is referred. Without a case, whoever sends answers for it and only bodies that act by law are asked."""

    record_kind: str
    record_id: UUID
    incident_id: UUID
    participation_id: UUID
    person_id: UUID
    case_id: UUID | None
    manager: UUID
    classes: frozenset[str]


async def of_case(unit: Unit, case_id: UUID) -> Child:
    """The child of a case, for its manager or the coordinator. Raises NotFound, Forbidden, NoManagerError."""
    access.require(unit, "child_case.refer")
    case = await casework.for_referral(unit, case_id)
    if case.manager is None:
        raise NoManagerError
    return Child(
        "child_case",
        case_id,
        case.incident_id,
        case.participation_id,
        case.person_id,
        case_id,
        case.manager,
        case.classes,
    )


async def of_incident(unit: Unit, incident_id: UUID, participation_id: UUID) -> Child:
    """A child of an incident: no case, plan, agreement or register entry is waited for (R-262)."""
    access.require(unit, outward.REFER)
    child = await outward.child(unit, incident_id, participation_id)
    case_id, manager = await casework.of_participation(unit, participation_id)
    return Child(
        "incident",
        incident_id,
        incident_id,
        participation_id,
        child.person_id,
        case_id if manager else None,
        manager or unit.me.membership_id,
        child.classes,
    )


async def refer(unit: Unit, child: Child, asked: Asked) -> Preview | list[UUID]:
    """Show what each recipient will see or, with the mark of exactly that, send it; the referrals in order.

    Raises Invalid for a text that nobody has read for identities or that seems to name somebody, NoAgreementError,
    NeedsCaseError, WrongStateError for a referral that is to be replaced and was not declined.
    """
    await _check(unit, child, asked)
    packets = [await _packet(unit, child, asked, one) for one in asked.recipients]
    seen = await _mark(unit, child, packets)
    if asked.seen != seen:
        audit.record(unit, "identity.read", child.record_kind, [child.record_id], classes=child.classes)
        return Preview(packets=packets, seen=seen)
    at = clock.now()
    sent = [await _send(unit, child, asked, packet, at) for packet in packets]
    if asked.instead_of is not None:
        await deadlines.meet(unit, REDIRECT, asked.instead_of, at)
    return sent


async def kinds_by_law(unit: Unit) -> Collection[str]:
    """Kinds of organisation that act by law and need no agreement (R-145)."""
    kinds: Collection[str] = await tenants.setting(unit, "partner_kinds_without_agreement")
    return kinds


async def _check(unit: Unit, child: Child, asked: Asked) -> None:
    """Everything that must hold before anybody sees a packet."""
    await _check_recipients(unit, child, asked)
    complaints = []
    if not asked.read_for_identities:
        message = N_("Read the reason for names of other people and confirm it")
        complaints.append(FieldError("read_for_identities", "required", message))
    elif not asked.sure and await _names_somebody(unit, child, asked):
        message = N_(
            "The text seems to name somebody else of this incident. Take the name out, or confirm that it is none"
        )
        complaints.append(FieldError("sure", "names_somebody", message))
    known = {one.id: one for one in await tenants.organisations(unit)}
    by_law = await kinds_by_law(unit)
    if not asked.consent and any(known[one.partner].kind not in by_law for one in asked.recipients):
        message = N_("This service needs a parent’s consent. Bodies that act by law do not")
        complaints.append(FieldError("consent", "required", message))
    if any(known[one.partner].kind == COMMISSION for one in asked.recipients):
        complaints += help_request.missing(asked.help)
    if complaints:
        raise Invalid(fields=complaints)


async def _check_recipients(unit: Unit, child: Child, asked: Asked) -> None:
    contracts = await service.contracts(unit)
    if not asked.recipients or len(set(asked.recipients)) < len(asked.recipients):
        raise Invalid(fields=[FieldError("recipients", "required", N_("Choose the partner and the service."))])
    if any((one.partner, one.service_type) not in contracts for one in asked.recipients):
        raise NoAgreementError
    if child.case_id is None:
        known, by_law = {one.id: one for one in await tenants.organisations(unit)}, await kinds_by_law(unit)
        if any(known[one.partner].kind not in by_law for one in asked.recipients):
            raise NeedsCaseError
    if asked.instead_of is not None:
        await _check_declined(unit, child, asked.instead_of)


async def _check_declined(unit: Unit, child: Child, referral_id: UUID) -> None:
    """The referral that is replaced is of the same child and was declined. Raises NotFound, WrongStateError."""
    tied, note = await repository.one(unit, referral_id), await repository.about(unit, referral_id)
    if tied is None or note is None:
        raise NotFound
    if note.participation_id != child.participation_id:
        raise NotFound
    if tied.referral.state != "declined":
        raise WrongStateError


async def _names_somebody(unit: Unit, child: Child, asked: Asked) -> bool:
    typed = [asked.reason, asked.help.needed_actions, asked.help.previous_measures]
    text = "\n".join(filter(None, typed))
    return await outward.names_somebody(unit, child.incident_id, child.participation_id, text)


async def _packet(unit: Unit, child: Child, asked: Asked, recipient: Recipient) -> Packet:
    """What one recipient will see: the fields of its own contract, the reason and what goes with it (S-20)."""
    organisation = await tenants.organisation(unit, recipient.partner)
    fields = (await service.contracts(unit))[recipient.partner, recipient.service_type]
    identity = await vault.identity_for_slice(unit, child.person_id)
    findings = await outward.findings(unit, child.incident_id, recipient.partner) if asked.with_findings else ""
    form_k = None
    if organisation.kind == COMMISSION:
        form_k = await help_request.composed(unit, child.person_id, asked.reason, asked.help)
    given = {name: getattr(identity, name) for name in CONTRACT_FIELDS if name in fields}
    made = Slice(
        reason=asked.reason,
        contact_person=await contact_name(unit, child.manager),
        findings=findings,
        form_k=form_k,
        **given,
    )
    return Packet(recipient=recipient, partner_name=organisation.name(unit.language), slice=made)


async def contact_name(unit: Unit, membership_id: UUID) -> str:
    """Whom a partner turns to in the school."""
    member = await tenants.member(unit, membership_id)
    return (await vault.staff_names(unit, [member.person_id])).get(member.person_id, "")


async def _mark(unit: Unit, child: Child, packets: list[Packet]) -> str:
    """A keyed mark of exactly these packets of this child for this person: what was shown and nothing else goes."""
    shown = msgspec.json.encode([(one.recipient, one.slice) for one in packets]).decode()
    made = await vault.fingerprint(unit, "referral_preview", str(child.record_id), str(unit.me.membership_id), shown)
    return made.hex()


async def _send(unit: Unit, child: Child, asked: Asked, packet: Packet, at: datetime) -> UUID:
    partner = await tenants.organisation(unit, packet.recipient.partner)
    referral_id, made = new_id(), packet.slice
    if made.form_k is not None:
        made = msgspec.structs.replace(made, form_k=msgspec.structs.replace(made.form_k, signed_at=at))
    unit.session.add(
        Referral(
            tenant_id=unit.tenant_id,
            id=referral_id,
            peer_tenant_id=partner.id,
            service_type=packet.recipient.service_type,
            state="sent",
            sealed_slice=vault.seal_slice(partner.recipient_key, msgspec.json.encode(made), referral_id),
            sent_at=at,
            version=1,
        )
    )
    await unit.session.flush()  # the note of what it is about refers to it
    unit.session.add(await _note(unit, child, asked, made, referral_id))
    await deadlines.start(unit, service.ANSWER, "referral", referral_id, at, responsible=child.manager)
    if made.form_k is not None:
        await help_drafts.signed(unit, child.participation_id, referral_id)
    await outbox.emit(unit, "referrals.received", {"referral": referral_id}, target_tenant=partner.id)
    await _known_there(unit, child, partner)
    quarter = calendar.statistical_quarter(clock.local_date(at))
    await outbox.emit(unit, "oversight.count_children", {"quarter": quarter})
    audit.record(unit, "referral.sent", "referral", [referral_id, child.record_id], classes=child.classes)
    return referral_id


async def _note(unit: Unit, child: Child, asked: Asked, made: Slice, referral_id: UUID) -> ReferralCase:
    form_k = None
    if made.form_k is not None:
        form_k = await vault.seal_people(unit, msgspec.json.encode(made.form_k), referral_id)
    return ReferralCase(
        tenant_id=unit.tenant_id,
        referral_id=referral_id,
        case_id=child.case_id,
        participation_id=child.participation_id,
        incident_id=child.incident_id,
        manager=child.manager,
        form_k=form_k,
        instead_of=asked.instead_of,
    )


async def _known_there(unit: Unit, child: Child, partner: Organisation) -> None:
    """Police or commission that are asked to help know of the incident from then on: nothing is said twice (R-173)."""
    if child.record_kind == "incident":
        await forwarding.made_known(unit, child.incident_id, partner.kind)
