"""Who may hear of an incident's clocks: exactly those whose own list shows it (decisions 17)."""

from collections.abc import Collection
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.incidents import agendas, policy, repository
from src.platform.incidents.models import Incident
from src.platform.notifications import readers as messages
from src.platform.readership import registry as readership
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

RELATIONS = policy.__name__


async def may_read(unit: Unit, members: list[Member], incident_id: UUID) -> list[Member]:
    """The members that may read the incident."""
    readable = await repository.readable_to(unit, members, [incident_id])
    return [member for member in members if (member.membership_id, incident_id) in readable]


async def mine(unit: Unit, incident_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these incidents the unit's person may read, with their numbers."""
    return await repository.readable(unit, incident_ids)


async def reporters(unit: Unit, members: list[Member], report_id: UUID) -> list[Member]:
    """The member whose own report it is."""
    told = await repository.told(unit, report_id)
    if told is None or told.report.reporter_sealed is None:
        return []
    person = await vault.open_link(unit, told.report.reporter_sealed, report_id)
    return [member for member in members if member.person_id == person]


async def invited(unit: Unit, members: list[Member], sitting_id: UUID) -> list[Member]:
    """The members that may decide something of a meeting's agenda."""
    ids = await agendas.incidents_of(unit, sitting_id)
    deciding = {member for member, _ in await repository.readable_to(unit, members, ids, agendas.DECIDES)}
    return [member for member in members if member.membership_id in deciding]


readers.register("incident", may_read, mine)
messages.register("report", reporters)
messages.register("team_meeting", invited)
readership.register(readership.Kind("incident", Incident.id, number=Incident.number))
