"""Who acts when the coordinator may not: the deputy leader, in that incident only (R-271)."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import readers as clock_readers
from src.platform.incidents import readers, repository
from src.platform.incidents.models import Incident
from src.platform.notifications import service as notifications
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member

_COORDINATES = "incident.close"


async def settle(unit: Unit, incident: Incident) -> None:
    """Note whether a coordinator is left who may read the incident; if none is, its deputy hears that they act."""
    lacks = not await coordinators(unit, incident.id)
    if lacks == incident.lacks_coordinator:
        return
    incident.lacks_coordinator = lacks
    await unit.session.flush()  # the deputy's relation is read from the row
    audit.record(unit, "incident.deputy_acts" if lacks else "incident.coordinator_acts", "incident", [incident.id])
    acting = [one.membership_id for one in await acting_for(unit, incident.id)]
    await notifications.notify(unit, acting, "deputy_acts", "incident", incident.id)


async def settle_all(unit: Unit) -> None:
    """The team has changed: whoever leads it now may be free where the one before was not."""
    for incident in await repository.unfinished(unit):
        await settle(unit, incident)


async def coordinating(unit: Unit, incident_id: UUID) -> list[Member]:
    """Who does the coordinator's part in an incident: whoever of them may read it, else the deputy."""
    return await coordinators(unit, incident_id) or await acting_for(unit, incident_id)


async def coordinators(unit: Unit, incident_id: UUID) -> list[Member]:
    """Every coordinator who may read an incident."""
    roles = access.holders(_COORDINATES)
    known = [one for one in await tenants.members(unit) if one.roles & roles]
    return await readers.may_read(unit, known, incident_id)


async def acting_for(unit: Unit, incident_id: UUID) -> list[Member]:
    """The deputy of the team in force, where they act in an incident and may read it."""
    deputies = {one.membership_id for one in await teams.active_members(unit) if one.is_deputy}
    known = await tenants.members(unit, deputies) if deputies else []
    acting = await repository.readable_to(unit, known, [incident_id], _COORDINATES)
    return [one for one in known if (one.membership_id, incident_id) in acting]


async def stand_ins(unit: Unit, role: str, incident_id: UUID) -> list[Member]:
    """Who hears of a clock in place of a role: the deputy in place of a coordinator."""
    return await acting_for(unit, incident_id) if role in access.holders(_COORDINATES) else []


clock_readers.register_stand_ins("incident", stand_ins)
