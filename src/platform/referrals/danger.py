"""A partner says that a child is in danger: an urgent incident in the school, at the time of the saying (R-153, R-258).

It crosses as ids; the text is sealed for the school on its way and under the school's own key where it arrives. The
notice, the weekly report that carries the flag and the school's report bear one id, so nothing can open a second one.
"""

from datetime import datetime
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.casework import service as casework
from src.platform.db.unit import Unit
from src.platform.incidents import outward
from src.platform.incidents import service as incidents
from src.platform.incidents.schemas import NewReport
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.outbox.actors import actor
from src.platform.referrals import partner_repository, repository, service
from src.platform.referrals.errors import WrongStateError
from src.platform.referrals.models import DangerNotice, Referral, ReferralCase
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

_COLUMN = "danger_notice.own_text"
_IN_SERVICE = ("sent", "accepted", "completed", "discontinued")
"""Whoever knows the child may tell, before the answer and after the end too."""


async def tell(unit: Unit, referral_id: UUID, text: str) -> None:
    """The partner's button: at once, whatever was reported this week already. Raises NotFound, WrongStateError."""
    tied = await service.for_verb(unit, referral_id, "referral.report")
    if tied.referral.state not in _IN_SERVICE:
        raise WrongStateError
    await raise_alarm(unit, tied.referral, new_id(), text, clock.now())


async def raise_alarm(unit: Unit, referral: Referral, notice_id: UUID, text: str, at: datetime) -> None:
    """Seal what was said for both sides and send its id to the school; the caller has asked who may."""
    school = await tenants.organisation(unit, referral.tenant_id)
    unit.session.add(
        DangerNotice(
            tenant_id=unit.tenant_id,
            id=notice_id,
            peer_tenant_id=school.id,
            referral_id=referral.id,
            raised_at=at,
            own_text=await vault.seal_text(unit, text, _COLUMN, notice_id),
            peer_text=vault.seal_slice(school.recipient_key, text.encode(), notice_id),
        )
    )
    await unit.session.flush()
    args = {"referral": referral.id, "notice": notice_id}
    await outbox.emit(unit, "referrals.danger_told", args, target_tenant=school.id)
    audit.record(unit, "referral.danger_told", "referral", [referral.id, notice_id])


@actor("referrals.danger_told")
async def danger_told(unit: Unit, referral: UUID, notice: UUID) -> None:
    """In the school: a report by the partner with an urgent incident of its own, in which the child is named."""
    told, about = await partner_repository.notice(unit, notice), await repository.about(unit, referral)
    if told is None or about is None or await incidents.has_report(unit, notice):
        return
    child = await _child(unit, about)
    partner = await tenants.organisation(unit, told.tenant_id)
    new = NewReport(
        description=(await vault.open_slice(unit, told.peer_text, notice)).decode(),
        who=child.code,
        harm_danger="yes",
        reporter_status="other",
        told_by=partner.name(unit.language),
    )
    incident = await incidents.take(unit, new, notice, channel="partner", link=None, at=told.raised_at)
    person = await incidents.add_person(unit, incident, child.person_id, "victim", "student")
    await outbox.emit(unit, "incidents.look_for_conflicts", {"incident": incident, "participation": person})
    await notifications.notify(unit, [about.manager], "referral_danger", "referral", referral)
    audit.record(unit, "referral.danger_opened", "referral", [referral, incident, notice])


async def _child(unit: Unit, about: ReferralCase) -> casework.Child:
    """The child of the case, or of the incident while there is no case (R-262)."""
    if about.case_id is not None:
        return await casework.child_of(unit, about.case_id)
    if about.participation_id is None:
        raise NotFound
    child = await outward.known_child(unit, about.participation_id)
    return casework.Child(child.person_id, child.code)
