"""Who may hear of an incident's clocks: exactly those whose own list shows it (decisions 17)."""

from collections.abc import Collection
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.incidents import policy, repository
from src.platform.incidents.models import Incident
from src.platform.readership import registry as readership
from src.platform.tenants.schemas import Member

RELATIONS = policy.__name__


async def may_read(unit: Unit, members: list[Member], incident_id: UUID) -> list[Member]:
    """The members that may read the incident."""
    readable = await repository.readable_to(unit, members, [incident_id])
    return [member for member in members if (member.membership_id, incident_id) in readable]


async def mine(unit: Unit, incident_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these incidents the unit's person may read, with their numbers."""
    return await repository.readable(unit, incident_ids)


readers.register("incident", may_read, mine)
readership.register(readership.Kind("incident", Incident.id, number=Incident.number, also=("incident.care",)))
