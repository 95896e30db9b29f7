"""Every query of the module; single rows and lists go through the same scope (S-31)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    Update,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from src.platform.access.relations import my_relations, scope
from src.platform.db import together
from src.platform.db.base import Base
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents.models import (
    Forwarding,
    Incident,
    IncidentDuty,
    IncidentLink,
    Interview,
    NarrativeToken,
    Participation,
    Report,
    TeamMeeting,
)
from src.platform.incidents.states import LINKABLE
from src.platform.kit import clock
from src.platform.kit.ids import incident_number
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

_MOST_SIMILAR = 5


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


def _forwardings(incident_id: UUID) -> Read[Forwarding]:
    query = select(Forwarding).where(Forwarding.incident_id == incident_id).order_by(Forwarding.id)
    return Read(("forwarding", incident_id), query)


async def forwardings(unit: Unit, incident_id: UUID) -> list[Forwarding]:
    """To whom the serious signs of one incident were made known, and why not."""
    return await together.rows(unit.session, _forwardings(incident_id))


async def by_number(unit: Unit, number: str) -> UUID | None:
    """The incident with a number that the reader may see."""
    query = select(Incident.id).where(scope(unit.me.roles, "incident.read"), Incident.number == number)
    return (await unit.session.execute(query, await vault.facts(unit))).scalar_one_or_none()


async def prefetch(unit: Unit, incident: Incident) -> None:
    """Everything that the page of an incident shows, in one statement."""
    incident_id = incident.id
    lists = (_reports, _duties, _interviews, _tokens, _meetings, _forwardings)
    await together.prefetch(
        unit.session,
        _participations([incident_id]),
        *(read(incident_id) for read in lists),
        _similar(unit, incident, await vault.facts(unit)),
        _beside(unit, incident, await vault.facts(unit)),
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


def _similar(unit: Unit, incident: Incident, facts: dict[str, object]) -> Read[Incident]:
    """Open incidents that may be the same: a child named in both, or the same day with place and kind not apart."""
    other = aliased(Participation)
    shared = exists().where(
        Participation.incident_id == Incident.id,
        Participation.kind == "student",
        Participation.link_blind == other.link_blind,
        other.incident_id == incident.id,
    )
    day = incident.happened_on or clock.local_date(incident.reported_at)
    on = func.coalesce(Incident.happened_on, cast(func.timezone(clock.LOCAL_ZONE.key, Incident.reported_at), Date))
    place = literal(incident.place, Text)
    kinds = [literal(getattr(incident, name), ARRAY(Text)) for name in ("violence_types", "problem_behaviours")]
    same_kind = or_(Incident.violence_types.overlap(kinds[0]), Incident.problem_behaviours.overlap(kinds[1]))
    unknown = or_(place.is_(None), Incident.place.is_(None))
    alike = and_(on == day, or_(unknown, Incident.place == place, same_kind))
    query = (
        select(Incident)
        .where(scope(unit.me.roles, "incident.screen"), scope(unit.me.roles, "incident.read"))
        .where(
            Incident.id != incident.id,
            Incident.state.in_(LINKABLE),
            or_(shared, alike),
        )
        .where(literal(incident.state == "reported"))
        .order_by(Incident.reported_at, Incident.id)
        .limit(_MOST_SIMILAR)
    )
    return Read(("similar", incident.id), query.params(facts))


def _beside(unit: Unit, incident: Incident, facts: dict[str, object]) -> Read[Incident]:
    """The incidents that are linked to this one and the one that it is linked to, as far as the reader may see them."""
    query = select(Incident).where(
        scope(unit.me.roles, "incident.read"),
        or_(Incident.linked_into == incident.id, Incident.id == incident.linked_into),
    )
    return Read(("beside", incident.id), query.params(facts))


async def similar(unit: Unit, incident: Incident) -> list[Incident]:
    """Open incidents that may tell of the same, for the team only."""
    return await together.rows(unit.session, _similar(unit, incident, await vault.facts(unit)))


async def beside(unit: Unit, incident: Incident) -> list[Incident]:
    """What is linked to an incident, and where it is linked to."""
    return await together.rows(unit.session, _beside(unit, incident, await vault.facts(unit)))


async def link_of(unit: Unit, incident_id: UUID) -> IncidentLink | None:
    """The link that an incident stands in now."""
    query = select(IncidentLink).where(IncidentLink.incident_id == incident_id, IncidentLink.undone_at.is_(None))
    return (await unit.session.scalars(query)).one_or_none()


async def move_reports(unit: Unit, ids: Collection[UUID], incident_id: UUID) -> None:
    """Reports become those of another incident."""
    await unit.session.execute(_moved(Report, Report.id.in_(ids), incident_id=incident_id))


async def move_people(unit: Unit, ids: Collection[UUID], incident_id: UUID) -> None:
    """People become those of another incident."""
    await unit.session.execute(_moved(Participation, Participation.id.in_(ids), incident_id=incident_id))


async def move_tokens(unit: Unit, ids: Collection[UUID], incident_id: UUID) -> None:
    """Marked names follow the texts that they stand in."""
    await unit.session.execute(_moved(NarrativeToken, NarrativeToken.id.in_(ids), incident_id=incident_id))


async def move_interviews(unit: Unit, from_id: UUID, into_id: UUID) -> None:
    """Every talk of one incident becomes one of another."""
    await unit.session.execute(_moved(Interview, Interview.incident_id == from_id, incident_id=into_id))


async def move_forwardings(unit: Unit, from_id: UUID, into_id: UUID) -> None:
    """What police and commission know of one incident they know of another."""
    await unit.session.execute(_moved(Forwarding, Forwarding.incident_id == from_id, incident_id=into_id))


async def stand_for(unit: Unit, incident_id: UUID, old: UUID, new: UUID) -> None:
    """Talks and marked names of an incident mean the same person under another row."""
    for table in (Interview, NarrativeToken):
        mine = and_(table.incident_id == incident_id, table.participation_id == old)
        await unit.session.execute(_moved(table, mine, participation_id=new))


async def follow(unit: Unit, from_id: UUID, into_id: UUID) -> list[UUID]:
    """What was linked to one incident is linked to another; which they are."""
    query = _moved(Incident, Incident.linked_into == from_id, linked_into=into_id).returning(Incident.id)
    return list((await unit.session.scalars(query)).all())


def _moved(table: type[Base], which: ColumnElement[bool], **values: object) -> Update:
    return update(table).where(which).values(**values).execution_options(synchronize_session=False)
