"""What happens to a referral at the partner's before and beside the answer: opened, given to a colleague, in touch."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.referrals import readers, referring_repository, repository
from src.platform.referrals.errors import OpenedError, WrongStateError
from src.platform.referrals.models import Referral, ReferralContact, ReferralOpening
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

ANSWER = "referral.answer"


async def note(unit: Unit, referral: Referral) -> None:
    """The partner has read what was sent: the school sees when and can recall it no longer (decisions 8).

    The caller holds the referral's lock, as a recall does: one of the two comes first.
    """
    if await referring_repository.was_opened(unit, referral.id):
        return
    unit.session.add(
        ReferralOpening(
            tenant_id=unit.tenant_id,
            id=new_id(),
            peer_tenant_id=referral.tenant_id,
            referral_id=referral.id,
            opened_at=clock.now(),
        )
    )
    await unit.session.flush()


async def opened(unit: Unit, referral_id: UUID) -> None:
    """Note that a referral is opened now, under its lock. Raises NotFound, Forbidden."""
    tied = await repository.one(unit, referral_id, lock=True)
    if tied is None:
        raise NotFound
    access.demand(unit.me, "referral.open", tied.relations, reading="referral.read")
    if tied.referral.peer_tenant_id != unit.tenant_id or tied.referral.sealed_slice is None:
        raise NotFound
    await note(unit, tied.referral)


async def check_not_opened(unit: Unit, referral_id: UUID) -> None:
    """Raises OpenedError: what somebody has read cannot be taken back."""
    if await referring_repository.was_opened(unit, referral_id):
        raise OpenedError


async def give(unit: Unit, referral_id: UUID, membership_id: UUID) -> None:
    """Somebody of the partner's organisation answers for a referral from now on; the school is not told who."""
    tied = await repository.one(unit, referral_id, lock=True)
    if tied is None:
        raise NotFound
    access.demand(unit.me, ANSWER, tied.relations, reading="referral.read")
    if tied.referral.state not in referring_repository.OPEN:
        raise WrongStateError
    free = {one.membership_id for one in await answerers(unit, referral_id)}
    if membership_id not in free:
        message = N_("Choose somebody of your organisation who answers referrals")
        raise Invalid(fields=[FieldError("membership_id", "not_an_option", message)])
    await referring_repository.set_duty(unit, referral_id, membership_id)
    await deadlines.hand_to(unit, [referral_id], membership_id)
    told = {membership_id} - {unit.me.membership_id}
    await notifications.notify(unit, told, "referral_given", "referral", referral_id)
    audit.record(unit, "referral.given", "referral", [referral_id])


async def answerers(unit: Unit, referral_id: UUID) -> list[Member]:
    """Everybody of this organisation who answers referrals and may see this one."""
    roles = access.roles_with(ANSWER)
    members = [one for one in await tenants.members(unit) if one.roles & roles]
    return await readers.may_read(unit, members, referral_id)


async def change_contact(unit: Unit, referral_ids: list[UUID], membership_id: UUID) -> None:
    """The case changed hands: every partner that still has to do with the child hears whom to turn to.

    Who has left by the time this runs is nobody's contact; the next manager will be.
    """
    members = await tenants.members(unit, [membership_id])
    if not members:
        return
    (person_id,) = {one.person_id for one in members}
    name = (await vault.staff_names(unit, [person_id])).get(person_id, "")
    for referral in await referring_repository.still_open(unit, referral_ids):
        partner, row_id = await tenants.organisation(unit, referral.peer_tenant_id), new_id()
        unit.session.add(
            ReferralContact(
                tenant_id=unit.tenant_id,
                id=row_id,
                peer_tenant_id=partner.id,
                referral_id=referral.id,
                sealed_name=vault.seal_slice(partner.recipient_key, name.encode(), row_id),
                since=clock.now(),
            )
        )
        args = {"referral": referral.id}
        await outbox.emit(unit, "referrals.contact_changed", args, target_tenant=partner.id)
