"""Who in the partner's organisation gets a new referral: by kind of service one of them, otherwise everybody."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import absences
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.referrals import opening, readers
from src.platform.referrals.models import Referral
from src.platform.referrals.schemas import SERVICES, Colleague
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

RULES = "inbox_rules"


class InboxRules(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets what; a kind of service that is not named goes to everybody."""

    rules: dict[str, UUID]
    colleagues: list[Colleague]


async def rules(unit: Unit) -> InboxRules:
    """The rules of my organisation, without those of people who have left."""
    access.require(unit, opening.ANSWER)
    members = await _answering(unit)
    names = await vault.staff_names(unit, [one.person_id for one in members])
    known = {one.membership_id for one in members}
    stored = {key: UUID(one) for key, one in (await tenants.setting(unit, RULES)).items()}
    return InboxRules(
        rules={key: one for key, one in stored.items() if one in known},
        colleagues=[Colleague(one.membership_id, names.get(one.person_id, "")) for one in members],
    )


async def keep(unit: Unit, chosen: Mapping[str, UUID]) -> None:
    """New referrals of a kind of service go to these people from now on. Raises Invalid."""
    access.require(unit, opening.ANSWER)
    known = {one.membership_id for one in await _answering(unit)}
    message = N_("Choose somebody of your organisation who answers referrals")
    wrong = [
        FieldError(key, "not_an_option", message) for key in SERVICES if chosen.get(key, None) not in {None, *known}
    ]
    if wrong:
        raise Invalid(fields=wrong)
    await tenants.change_setting(unit, RULES, {key: str(one) for key, one in chosen.items()})
    audit.record(unit, "inbox.rules_kept", "tenant", [unit.tenant_id])


async def taker(unit: Unit, referral: Referral) -> UUID | None:
    """Who gets this one by the rules: the person or, while they are away, their deputy; None is everybody."""
    named = (await tenants.setting(unit, RULES)).get(referral.service_type)
    if named is None:
        return None
    answering = {one.membership_id: one for one in await _answering(unit)}
    member = answering.get(UUID(named))
    if member is None:
        return None
    here = [one for one, _stands_in in await absences.present(unit, [member]) if one.membership_id in answering]
    free = await readers.may_read(unit, here, referral.id)
    return free[0].membership_id if free else None


async def _answering(unit: Unit) -> list[Member]:
    roles = access.roles_with(opening.ANSWER)
    return [one for one in await tenants.members(unit) if one.roles & roles]
