"""Verbs of the comprehensive assessment: appoint a curator, write, close with the family's answer, give a copy."""

from typing import Any
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.commission import inputs, repository
from src.platform.commission.errors import (
    AlreadyGivenError,
    AlreadyOpenedError,
    ClosedError,
    NoCaseError,
    NotClosedError,
)
from src.platform.commission.models import Assessment, AssessmentCopy
from src.platform.commission.repository import Tied
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.referrals import service as referrals
from src.platform.referrals.log import service as referral_log
from src.platform.referrals.schemas import PARTNER_KINDS
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member, Organisation
from src.platform.vault import service as vault

_TAKEN = "accepted"
TERM = "clk_commission_assessment"
COLUMN = "assessment.content"
CLASSES = frozenset({"case-sensitive", "health", "identity-victim", "identity-offender"})


async def curators(unit: Unit) -> list[Member]:
    """Who may be a curator: whoever writes assessments, the commission's social workers and psychologists (R-156)."""
    writing = access.roles_with("assessment.write")
    return [one for one in await tenants.members(unit) if one.roles & writing]


async def open_case(unit: Unit, referral_id: UUID, *, membership_id: UUID) -> None:
    """The request becomes a case with a curator; the assessment is due in three weeks (R-156, R-159)."""
    access.require(unit, "assessment.open")
    request = await referrals.here(unit, referral_id)
    if request.state != _TAKEN:
        raise NoCaseError
    if await repository.is_open(unit, referral_id):
        raise AlreadyOpenedError
    if membership_id not in {one.membership_id for one in await curators(unit)}:
        raise Invalid(fields=[FieldError("membership_id", "not_a_curator", N_("Choose a curator of the commission"))])
    at = clock.now()
    unit.session.add(
        Assessment(tenant_id=unit.tenant_id, id=referral_id, curator=membership_id, opened_at=at, version=1)
    )
    await unit.session.flush()
    await deadlines.start(unit, TERM, "assessment", referral_id, at, responsible=membership_id)
    await notifications.notify(
        unit, {membership_id} - {unit.me.membership_id}, "curator_given", "assessment", referral_id
    )
    await outbox.emit(unit, referral_log.CASE_OPENED, {"referral": referral_id}, target_tenant=request.tenant_id)
    audit.record(unit, "assessment.opened", "assessment", [referral_id])


async def write(unit: Unit, assessment_id: UUID, version: int, **answers: Any) -> None:
    """Answer questions of Form L; nothing is required before the report is closed."""
    tied = await _for_verb(unit, assessment_id, "assessment.write")
    if tied.assessment.closed_at is not None:
        raise ClosedError
    sealed = await vault.seal_text(unit, msgspec.json.encode(answers).decode(), COLUMN, assessment_id)
    await _store(unit, tied.assessment, version, content=sealed)
    audit.record(unit, "assessment.written", "assessment", [assessment_id])


async def close(unit: Unit, assessment_id: UUID, version: int, *, family_answer: str, family_comment: str = "") -> None:
    """The report is complete and was discussed: the family signed, or refused with a note (R-160)."""
    tied = await _for_verb(unit, assessment_id, "assessment.write")
    if tied.assessment.closed_at is not None:
        raise ClosedError
    answers = await contents(unit, tied.assessment)
    empty = [one.key for one in inputs.questions() if not answers.get(one.key)]
    if empty:
        raise Invalid(fields=[FieldError(key, "required", N_("Fill this in")) for key in empty])
    if family_answer == "refused" and not family_comment:
        message = N_("Say why the family has not signed")
        raise Invalid(fields=[FieldError("family_comment", "required", message)])
    whole = msgspec.json.encode(answers | {"family_comment": family_comment}).decode()
    at = clock.now()
    sealed = await vault.seal_text(unit, whole, COLUMN, assessment_id)
    await _store(unit, tied.assessment, version, content=sealed, family_answer=family_answer, closed_at=at)
    await deadlines.meet(unit, TERM, assessment_id, at)
    audit.record(unit, "assessment.closed", "assessment", [assessment_id])


async def give(unit: Unit, assessment_id: UUID, *, organisation: UUID, read_for_identities: bool = False) -> None:
    """An organisation that supports the family gets the closed report, sealed for it alone (R-072, decisions 8)."""
    tied = await _for_verb(unit, assessment_id, "assessment.write")
    if tied.assessment.closed_at is None:
        raise NotClosedError
    if not read_for_identities:
        message = N_("Confirm that this organisation needs the whole report to support the family")
        raise Invalid(fields=[FieldError("read_for_identities", "required", message)])
    if organisation in tied.given_to:
        raise AlreadyGivenError
    if organisation not in {one.id for one in await supporters(unit)}:
        raise Invalid(fields=[FieldError("organisation", "not_a_supporter", N_("Choose one of these organisations"))])
    receiver, copy_id = await tenants.organisation(unit, organisation), new_id()
    whole = msgspec.json.encode(await contents(unit, tied.assessment))
    unit.session.add(
        AssessmentCopy(
            tenant_id=unit.tenant_id,
            id=copy_id,
            peer_tenant_id=organisation,
            assessment_id=assessment_id,
            content=vault.seal_slice(receiver.recipient_key, whole, copy_id),
            given_at=clock.now(),
        )
    )
    await outbox.emit(unit, "commission.copy_given", {"copy": copy_id}, target_tenant=organisation)
    audit.record(unit, "assessment.given", "assessment", [assessment_id, copy_id], classes=CLASSES)


async def supporters(unit: Unit) -> list[Organisation]:
    """Organisations whose people open such reports: partners, never a school or the city."""
    return [one for one in await tenants.organisations(unit, PARTNER_KINDS) if one.id != unit.tenant_id]


async def contents(unit: Unit, assessment: Assessment) -> dict[str, Any]:
    """The answers as they were written, by question."""
    if assessment.content is None:
        return {}
    raw = await vault.open_text(unit, assessment.content, COLUMN, assessment.id)
    found: dict[str, Any] = msgspec.json.decode(raw)
    return found


async def _for_verb(unit: Unit, assessment_id: UUID, permission: str) -> Tied:
    tied = await repository.one(unit, assessment_id, lock=True)
    if tied is None:
        raise NotFound
    access.demand(unit.me, permission, tied.relations, reading="assessment.read")
    return tied


async def _store(unit: Unit, assessment: Assessment, version: int, **changes: object) -> None:
    if not await repository.write(unit, assessment, version, **changes):
        raise StaleVersion
