"""Who of the organisation may act in an incident."""

from collections.abc import Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.incidents import repository
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
    standing = await repository.blinds_in(unit, [incident_id])
    return {
        member.membership_id
        for member in members
        if any((incident_id, blind) in standing for blind in await vault.blinds_of(unit, member.person_id))
    }


async def free_members(unit: Unit, incident_id: UUID) -> set[UUID]:
    """Members of the team that may read the incident and stand in it in no role (R-044)."""
    return (await free_for(unit, [incident_id]))[incident_id]


async def free_for(unit: Unit, incident_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The same of every incident of an agenda."""
    team = await team_of(unit)
    readable = await repository.readable_to(unit, team, incident_ids)
    standing = await repository.blinds_in(unit, incident_ids)
    blinds = {member.membership_id: await vault.blinds_of(unit, member.person_id) for member in team}
    return {
        incident_id: {
            member
            for member, own in blinds.items()
            if (member, incident_id) in readable and not any((incident_id, blind) in standing for blind in own)
        }
        for incident_id in incident_ids
    }
