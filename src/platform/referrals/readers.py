"""Who may hear of a referral's clocks, in the school and at the partner's."""

from uuid import UUID

from sqlalchemy import ColumnElement

from src.platform.access import service as access
from src.platform.access.relations import scope
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.notifications import readers as messages
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


def visible(roles: frozenset[str], referral_id: readers.Id, opened: str) -> ColumnElement[bool]:
    """Whether the reader of a statement may read the referral with this id, and has the class."""
    return readers.opens(Referral.id, referral_id, scope(roles, "referral.read", opened=opened))


async def code(unit: Unit, referral_id: UUID) -> str:
    """This organisation's code of the child."""
    return await vault.code(unit, "child", referral_id)


async def signers(_unit: Unit, members: list[Member], _agreement_id: UUID) -> list[Member]:
    """Whoever signs agreements for the organisation."""
    return [member for member in members if access.has_module(member.roles, "agreement.sign")]


messages.register("agreement", signers)
readers.register("referral", readers.Kind(may_read, visible, code=code))
readership.register(readership.Kind("referral", Referral.id, parties=(Referral.tenant_id, Referral.peer_tenant_id)))
