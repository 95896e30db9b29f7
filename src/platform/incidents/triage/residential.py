"""A child of a residential institution: the commission hears of it at once, the institution of nothing (R-170, X7)."""

from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service
from src.platform.incidents.models import Incident, Participation
from src.platform.incidents.triage import urgency
from src.platform.kit.errors import NotFound


async def note(unit: Unit, incident_id: UUID, *, participation_id: UUID, residential: str) -> None:
    """Where one child lives. A first child of an institution starts the clock and closes what families are told."""
    incident = await service.for_verb(unit, incident_id, "incident.inform_parents")
    child = next(
        (one for one in await repository.participations(unit, [incident.id]) if one.id == participation_id), None
    )
    if child is None or child.kind != "student":
        raise NotFound
    child.residential = residential == "yes"
    if child.residential and not incident.residential_child:
        before = urgency.Before(incident)
        await service.write(unit, incident, incident.version, residential_child=True)
        await urgency.settle(unit, incident)
        await urgency.rose(unit, before, incident)
    audit.record(unit, "incident.residence_noted", "incident", [incident.id, child.id])


def is_of_institution(child: Participation, incident: Incident) -> bool:
    """Whether whoever stands for a child may be of the institution: said so, or not said of a child that may be it."""
    return incident.residential_child if child.residential is None else child.residential
