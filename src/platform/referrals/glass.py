"""The glass of a referral, at the commission: a curator without the case, when nobody who has it is there (S-36)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from src.platform.access import service as access
from src.platform.access.relations import scope
from src.platform.db.unit import Unit
from src.platform.grants import registry
from src.platform.grants.registry import GLASS, Kind
from src.platform.kit import codes
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.referrals import policy, readers, repository
from src.platform.referrals.models import Referral
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

RELATIONS = policy.__name__
BREAK, READ, TOLD = "referral.break_glass", "referral.read", "referrals.glass_broken"
_LETTERS = 3


async def find(unit: Unit, typed: str) -> UUID | None:
    """The one referral to my organisation whose child has this code."""
    query = select(Referral.id).where(Referral.peer_tenant_id == unit.tenant_id, scope(unit.me.roles, BREAK))
    ids = list((await unit.session.scalars(query, await vault.facts(unit))).all())
    wanted = codes.plain(typed)[-_LETTERS:]
    known = await vault.codes(unit, (("child", one) for one in ids))
    found = [one for one, code in zip(ids, known, strict=True) if codes.plain(code)[-_LETTERS:] == wanted]
    return found[0] if len(found) == 1 else None


async def deciders(unit: Unit, members: list[Member], record_id: UUID, permission: str) -> list[Member]:
    """Whom a permission opens a referral to, of those whose role has referrals at all."""
    found = []
    for one in members:
        if access.has_module(one.roles, READ) and access.has_module(one.roles, permission):
            query = select(Referral.id).where(Referral.id == record_id, scope(one.roles, permission))
            known = await unit.session.execute(query, await vault.facts_of(unit, one))
            found += [one] if known.one_or_none() is not None else []
    return found


async def called(unit: Unit, ids: Collection[UUID]) -> dict[UUID, str]:
    """My organisation's codes of the children of referrals."""
    known = list(ids)
    return dict(zip(known, await vault.codes(unit, (("child", one) for one in known)), strict=True))


async def tell_school(unit: Unit, referral_id: UUID) -> None:
    """The school whose referral it is hears at once."""
    referral = await repository.plain(unit, referral_id)
    if referral is not None:
        await outbox.emit(unit, TOLD, {"referral": referral_id}, target_tenant=referral.tenant_id)


async def told(unit: Unit, referral_id: UUID) -> None:
    """In the school: whoever oversees referrals and may read this one."""
    overseers = access.holders("referral.oversee")
    wanted = [one for one in await tenants.members(unit) if one.roles & overseers]
    hearing = await readers.may_read(unit, wanted, referral_id)
    await notifications.notify(unit, [one.membership_id for one in hearing], "glass_broken", "referral", referral_id)


registry.register(
    Kind(
        GLASS,
        "referral",
        asking=BREAK,
        deciding=BREAK,
        reading=READ,
        id_column=Referral.id,
        deciders=deciders,
        find=find,
        codes=called,
        told=tell_school,
    )
)
