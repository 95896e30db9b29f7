"""Who of the organisation may act in an incident."""

from collections.abc import Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.incidents import readers, repository
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault


async def team_of(unit: Unit) -> list[Member]:
    """Everybody whose role may classify: the security team of the organisation."""
    return await holders(unit, "incident.classify")


async def holders(unit: Unit, permission: str) -> list[Member]:
    """Every member whose role has a permission."""
    roles = access.roles_with(permission)
    return [member for member in await tenants.members(unit) if member.roles & roles]


async def may_support(unit: Unit) -> list[Member]:
    """Who may be a victim's support person: the team, and specialists whose role may read what they are given."""
    return await holders(unit, "incident.read")


async def named_among(unit: Unit, incident_id: UUID, members: Collection[Member]) -> set[UUID]:
    """Which of these members stand in the incident in any role, or reported it (R-064, R-078)."""
    blinds = {p.link_blind for p in await repository.participations(unit, [incident_id])}
    blinds |= {r.reporter_blind for r in await repository.reports(unit, incident_id) if r.reporter_blind}
    return {m.membership_id for m in members if await vault.blind_of(unit, m.person_id) in blinds}


async def free_members(unit: Unit, incident_id: UUID) -> set[UUID]:
    """Members of the team that may read the incident and stand in it in no role (R-044)."""
    team = await readers.may_read(unit, await team_of(unit), incident_id)
    named = await named_among(unit, incident_id, team)
    return {m.membership_id for m in team if m.membership_id not in named}
