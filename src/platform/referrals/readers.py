"""Who may hear of a referral's clocks, in the school and at the partner's."""

from collections.abc import Collection
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.readership import registry as readership
from src.platform.referrals import repository
from src.platform.referrals.models import Referral
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault


async def may_read(unit: Unit, members: list[Member], referral_id: UUID) -> list[Member]:
    """The members that may read the referral."""
    return [
        member
        for member in members
        if await repository.readable_by(unit, member.roles, await vault.facts_of(unit, member), referral_id)
    ]


async def mine(unit: Unit, referral_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these referrals the unit's person may read, with this organisation's codes."""
    found = await repository.readable(unit, referral_ids)
    return {i: await vault.code(unit, "child", i) for i in found}


readers.register("referral", may_read, mine)
readership.register(readership.Kind("referral", Referral.id, parties=(Referral.tenant_id, Referral.peer_tenant_id)))
