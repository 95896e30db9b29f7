"""Who may hear of an incident's clocks: exactly those whose own list shows it (decisions 17)."""

from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from src.platform.access.relations import scope
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


def visible(roles: frozenset[str], incident_id: readers.Id, opened: str) -> ColumnElement[bool]:
    """Whether the reader of a statement may read the incident with this id, and has the class."""
    return exists().where(Incident.id == incident_id, scope(roles, "incident.read", opened=opened))


def number(incident_id: readers.Id) -> ColumnElement[str]:
    """The number of an incident."""
    return select(Incident.number).where(Incident.id == incident_id).scalar_subquery()


readers.register("incident", readers.Kind(may_read, visible, number=number))
readership.register(readership.Kind("incident", Incident.id, number=Incident.number, also=("incident.care",)))
