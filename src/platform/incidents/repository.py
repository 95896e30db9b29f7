"""Every query of the module; single rows and lists go through the same scope (S-31)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from src.platform.access.relations import my_relations, scope
from src.platform.attachments import service as attachments
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents.models import (
    Incident,
    IncidentDuty,
    Injury,
    Interview,
    NarrativeToken,
    Participation,
    Report,
    TeamMeeting,
)
from src.platform.kit.ids import incident_number
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault


@dataclass(frozen=True, slots=True)
class Tied:
    """An incident with the relations that tie the reader to it."""

    incident: Incident
    relations: list[str]


def _scoped(unit: Unit, permission: str) -> Select[Incident, list[str]]:
    return select(Incident, my_relations("incident")).where(scope(unit.me.roles, permission))


async def add_numbered(unit: Unit, made: Callable[[str], Incident]) -> Incident:
    """Add an incident under a number that no other has; the number is random, so it may be taken."""
    while True:
        incident = made(incident_number())
        try:
            async with unit.session.begin_nested():
                unit.session.add(incident)
        except IntegrityError:
            continue
        return incident


async def one(unit: Unit, incident_id: UUID, *, permission: str, lock: bool = False) -> Tied | None:
    """One incident if the reader may, locked for a write."""
    query = _scoped(unit, permission).where(Incident.id == incident_id)
    if lock:
        query = query.with_for_update(of=Incident)
    row = (await unit.session.execute(query, await vault.facts(unit))).one_or_none()
    return Tied(row[0], row[1]) if row else None


async def page(unit: Unit, *, after: tuple[datetime, UUID] | None, most: int) -> list[Incident]:
    """Incidents that the reader may see, the newest first."""
    query = _scoped(unit, "incident.read").order_by(Incident.reported_at.desc(), Incident.id.desc()).limit(most)
    if after is not None:
        query = query.where(tuple_(Incident.reported_at, Incident.id) < after)
    return [row[0] for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


async def readable(unit: Unit, incident_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these incidents the reader may see, with their numbers."""
    query = select(Incident.id, Incident.number).where(
        scope(unit.me.roles, "incident.read"), Incident.id.in_(incident_ids)
    )
    return {row.id: row.number for row in (await unit.session.execute(query, await vault.facts(unit))).all()}


async def readable_by(unit: Unit, roles: frozenset[str], facts: dict[str, object], incident_id: UUID) -> bool:
    """Whether somebody with these roles and facts may read an incident: the same scope as their own list."""
    query = select(Incident.id).where(scope(roles, "incident.read"), Incident.id == incident_id)
    return (await unit.session.execute(query, facts)).one_or_none() is not None


def _participations(incident_ids: Collection[UUID]) -> Read[Participation]:
    query = select(Participation).where(Participation.incident_id.in_(incident_ids)).order_by(Participation.id)
    return Read(("participation", *incident_ids), query)


def _reports(incident_id: UUID) -> Read[Report]:
    query = select(Report).where(Report.incident_id == incident_id).order_by(Report.received_at, Report.id)
    return Read(("report", incident_id), query)


def _duties(incident_id: UUID) -> Read[IncidentDuty]:
    return Read(("duty", incident_id), select(IncidentDuty).where(IncidentDuty.incident_id == incident_id))


def _interviews(incident_id: UUID) -> Read[Interview]:
    query = select(Interview).where(Interview.incident_id == incident_id).order_by(Interview.held_at)
    return Read(("interview", incident_id), query)


def _meetings(incident_id: UUID) -> Read[TeamMeeting]:
    query = select(TeamMeeting).where(TeamMeeting.incident_id == incident_id).order_by(TeamMeeting.held_at.desc())
    return Read(("team_meeting", incident_id), query)


def _tokens(incident_id: UUID) -> Read[NarrativeToken]:
    query = select(NarrativeToken).where(NarrativeToken.incident_id == incident_id, NarrativeToken.undone_at.is_(None))
    return Read(("token", incident_id), query.order_by(NarrativeToken.id))


def _injuries(incident_id: UUID) -> Read[Injury]:
    query = select(Injury).where(Injury.incident_id == incident_id)
    return Read(("injury", incident_id), query.order_by(Injury.noted_at, Injury.id))


async def prefetch(unit: Unit, incident_id: UUID) -> None:
    """Everything that the page of an incident shows, in one statement."""
    lists = (_reports, _duties, _interviews, _tokens, _meetings, _injuries, attachments.of_subject)
    await together.prefetch(
        unit.session,
        _participations([incident_id]),
        *(read(incident_id) for read in lists),
        deadlines.clocks_of([incident_id]),
        tenants.all_members(),
    )


async def participations(unit: Unit, incident_ids: Collection[UUID]) -> list[Participation]:
    """People of some incidents, in the order they were named."""
    return await together.rows(unit.session, _participations(incident_ids))


async def reports(unit: Unit, incident_id: UUID) -> list[Report]:
    """The reports of one incident, the earliest first."""
    return await together.rows(unit.session, _reports(incident_id))


async def my_reports(unit: Unit, mine: list[bytes], most: int) -> list[tuple[datetime, str]]:
    """When I reported something and how far it is."""
    query = (
        select(Report.received_at, Incident.state)
        .join(Incident, (Incident.tenant_id == Report.tenant_id) & (Incident.id == Report.incident_id))
        .where(Report.reporter_blind.in_(mine))
        .order_by(Report.received_at.desc())
        .limit(most)
    )
    return [(row.received_at, row.state) for row in (await unit.session.execute(query)).all()]


async def duties(unit: Unit, incident_id: UUID) -> list[IncidentDuty]:
    """Who works on an incident."""
    return await together.rows(unit.session, _duties(incident_id))


async def set_duty(unit: Unit, incident_id: UUID, membership_id: UUID, duty: str) -> None:
    """Give a member a duty in an incident."""
    query = insert(IncidentDuty).values(
        tenant_id=unit.tenant_id, incident_id=incident_id, membership_id=membership_id, duty=duty
    )
    keys = ["tenant_id", "incident_id", "membership_id"]
    await unit.session.execute(query.on_conflict_do_update(index_elements=keys, set_={"duty": duty}))


async def locked(unit: Unit, incident_id: UUID) -> Incident:
    """One incident for a job, which has no reader. Raises NoResultFound."""
    return (await unit.session.scalars(select(Incident).where(Incident.id == incident_id).with_for_update())).one()


async def interviews(unit: Unit, incident_id: UUID) -> list[Interview]:
    """Talks and waivers of one incident."""
    return await together.rows(unit.session, _interviews(incident_id))


async def tokens(unit: Unit, incident_id: UUID) -> list[NarrativeToken]:
    """The names that are marked in the texts of one incident."""
    return await together.rows(unit.session, _tokens(incident_id))


async def injuries(unit: Unit, incident_id: UUID) -> list[Injury]:
    """What is noted of injuries, the earliest first."""
    return await together.rows(unit.session, _injuries(incident_id))


async def meetings(unit: Unit, incident_id: UUID) -> list[TeamMeeting]:
    """The team's meetings on one incident, the latest first."""
    return await together.rows(unit.session, _meetings(incident_id))


async def write(unit: Unit, incident: Incident, version: int, **changes: object) -> bool:
    """Change an incident if nobody did since `version`; False when somebody did."""
    done = await unit.session.execute(
        update(Incident)
        .where(Incident.id == incident.id, Incident.version == version)
        .values(version=Incident.version + 1, **changes)
        .returning(Incident.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None
