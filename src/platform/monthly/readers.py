"""Who hears of the clock of a month: everybody whose role follows it, for it shows no number (decisions 17)."""

from collections.abc import Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.monthly import repository, service
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member


async def may_read(_unit: Unit, members: list[Member], _month_id: UUID) -> list[Member]:
    """The members that may know whether the form is confirmed; nobody's conflict shows here."""
    return [one for one in members if access.has_module(one.roles, service.FOLLOW)]


async def mine(unit: Unit, month_ids: Collection[UUID]) -> dict[UUID, str]:
    """The months that the unit's person follows, as 10.2026."""
    if not access.may_enter(unit.me, service.FOLLOW):
        return {}
    found = await repository.known(unit, month_ids)
    return {month_id: f"{month % 100:02d}.{month // 100}" for month_id, month in found.items()}


async def stand_ins(unit: Unit, role: str, month_id: UUID) -> list[Member]:
    """Where every coordinator is in conflict, whoever may confirm the month: the deputy (R-271)."""
    if role not in access.holders(service.CONFIRM):
        return []
    members = await tenants.members(unit)
    free = await repository.may(unit, members, month_id, service.CONFIRM)
    acting = [one for one in members if one.membership_id in free]
    return [] if any(role in one.roles for one in acting) else acting


readers.register("form_e", may_read, mine)
readers.register_stand_ins("form_e", stand_ins)
