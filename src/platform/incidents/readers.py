"""Who may hear of an incident's clocks: exactly those whose own list shows it (decisions 17)."""

from uuid import UUID

from sqlalchemy import ColumnElement, select

from src.platform.access.relations import scope
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.incidents import policy, repository
from src.platform.incidents.meetings import repository as agendas
from src.platform.incidents.models import CODE_WORDS, Incident, Participation, ProtectiveTask
from src.platform.notifications import readers as messages
from src.platform.readership import registry as readership
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

RELATIONS = policy.__name__


async def may_read(unit: Unit, members: list[Member], incident_id: UUID) -> list[Member]:
    """The members that may read the incident."""
    readable = await repository.readable_to(unit, members, [incident_id])
    return [member for member in members if (member.membership_id, incident_id) in readable]


async def may_read_any(unit: Unit, members: list[Member], incident_ids: list[UUID]) -> list[Member]:
    """The members that may read one of these incidents."""
    readable = {member for member, _ in await repository.readable_to(unit, members, incident_ids)}
    return [member for member in members if member.membership_id in readable]


def visible(roles: frozenset[str], incident_id: readers.Id, opened: str) -> ColumnElement[bool]:
    """Whether the reader of a statement may read the incident with this id, and has the class."""
    return readers.opens(Incident.id, incident_id, scope(roles, "incident.read", opened=opened))


def number(incident_id: readers.Id) -> ColumnElement[str]:
    """The number of an incident."""
    return select(Incident.number).where(Incident.id == incident_id).scalar_subquery()


async def reporters(unit: Unit, members: list[Member], report_id: UUID) -> list[Member]:
    """The member whose own report it is."""
    told = await repository.told(unit, report_id)
    if told is None or told.report.reporter_sealed is None:
        return []
    person = await vault.open_link(unit, told.report.reporter_sealed, report_id)
    return [member for member in members if member.person_id == person]


async def caring(unit: Unit, members: list[Member], incident_id: UUID) -> list[Member]:
    """The nurses whom the team still asks."""
    found = {member for member, _ in await repository.readable_to(unit, members, [incident_id], "incident.care")}
    return [member for member in members if member.membership_id in found]


async def asked_to_protect(unit: Unit, members: list[Member], task_id: UUID) -> list[Member]:
    """The colleague who was asked to protect a child."""
    task = await unit.session.scalar(select(ProtectiveTask.membership_id).where(ProtectiveTask.id == task_id))
    return [member for member in members if member.membership_id == task]


async def invited(unit: Unit, members: list[Member], sitting_id: UUID) -> list[Member]:
    """The members that may decide something of a meeting's agenda."""
    ids = await agendas.incidents_of(unit, sitting_id)
    deciding = {member for member, _ in await repository.readable_to(unit, members, ids, agendas.DECIDES)}
    return [member for member in members if member.membership_id in deciding]


readers.register("incident", readers.Kind(may_read, visible, number=number))
messages.register("care", caring)
messages.register("protective_task", asked_to_protect)
messages.register("report", reporters)
messages.register("team_meeting", invited)


def _stands(one: Participation) -> readership.Stands:
    return readership.Stands(one.id, CODE_WORDS[one.kind], one.link)


readership.register(
    readership.Kind(
        "incident",
        Incident.id,
        number=Incident.number,
        also=("incident.care",),
        people=readership.People(repository.standing_in, _stands),
    )
)
