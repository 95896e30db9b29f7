"""Every query of the module; single rows and lists go through the same scope (S-31)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Uuid,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from src.platform.access.relations import my_relations, scope, told
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents.models import (
    OFFENDERS,
    Incident,
    IncidentChange,
    IncidentDuty,
    Interview,
    NarrativeToken,
    Participation,
    Reconciliation,
    Report,
    SittingItem,
    TeamMeeting,
)
from src.platform.kit import clock
from src.platform.kit.ids import incident_number
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault
from src.platform.workdays import calendar

_OFFENCE = aliased(Participation)
"""Relations of an incident look at its people; people of other incidents go by another name."""


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


async def readable_to(
    unit: Unit, members: Collection[Member], incident_ids: Collection[UUID], permission: str = "incident.read"
) -> set[tuple[UUID, UUID]]:
    """Which of these members may read which of these incidents: the scope of their own lists, in one statement."""
    if not members or not incident_ids:
        return set()
    facts = await vault.facts_of_members(unit, members)
    queries: list[Select[UUID, UUID]] = [
        told(
            select(literal(one.membership_id, Uuid).label("member"), Incident.id.label("incident")).where(
                Incident.id.in_(incident_ids), scope(one.roles, permission)
            ),
            facts[one.membership_id],
        )
        for one in members
    ]
    return {(row.member, row.incident) for row in (await unit.session.execute(union_all(*queries))).all()}


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


def _changes(incident_id: UUID) -> Read[IncidentChange]:
    query = select(IncidentChange).where(IncidentChange.incident_id == incident_id)
    return Read(("incident_change", incident_id), query.order_by(IncidentChange.made_at, IncidentChange.id))


def _reconciliations(incident_id: UUID) -> Read[Reconciliation]:
    query = select(Reconciliation).where(Reconciliation.incident_id == incident_id)
    return Read(("reconciliation", incident_id), query.order_by(Reconciliation.recorded_at, Reconciliation.id))


def _held(incident_id: UUID) -> Read[SittingItem]:
    query = select(SittingItem).where(SittingItem.incident_id == incident_id, SittingItem.decided_at.is_(None))
    return Read(("held", incident_id), query.where(SittingItem.held_at.is_not(None)).order_by(SittingItem.held_at))


async def held(unit: Unit, incident_id: UUID) -> list[SittingItem]:
    """Agendas of meetings that were held, on which an incident still waits for its decision, the latest last."""
    return await together.rows(unit.session, _held(incident_id))


async def prefetch(unit: Unit, incident: Incident) -> None:
    """Everything that the page of an incident shows, in one statement."""
    incident_id = incident.id
    lists = (_reports, _duties, _interviews, _tokens, _meetings, _changes, _reconciliations, _held)
    await together.prefetch(
        unit.session,
        _participations([incident_id]),
        *(read(incident_id) for read in lists),
        _records_i_may_see(unit, incident, await vault.facts(unit)),
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


async def unfinished(unit: Unit) -> list[Incident]:
    """Incidents that are not closed, for a job, locked in one order."""
    query = select(Incident).where(Incident.state != "closed").order_by(Incident.id).with_for_update()
    return list((await unit.session.scalars(query)).all())


async def interviews(unit: Unit, incident_id: UUID) -> list[Interview]:
    """Talks and waivers of one incident."""
    return await together.rows(unit.session, _interviews(incident_id))


async def tokens(unit: Unit, incident_id: UUID) -> list[NarrativeToken]:
    """The names that are marked in the texts of one incident."""
    return await together.rows(unit.session, _tokens(incident_id))


def _recorded(incident: Incident) -> Select[UUID]:
    """Incidents with recorded problem behaviour in the school year of an incident (R-029)."""
    confirmed = Incident.outcome == "confirmed_problem_behaviour"
    answered = func.cardinality(Incident.problem_behaviours) > 0
    return select(Incident.id).where(
        Incident.reported_at >= school_year_of(incident),
        or_(confirmed, and_(answered, func.coalesce(Incident.outcome, "") != "not_confirmed")),
    )


def _offences(blinds: ColumnElement[bool], incident_ids: Select[UUID]) -> Select[Participation]:
    """Children who stand as offenders in some incidents, whom a condition on `_OFFENCE` picks."""
    return select(_OFFENCE).where(
        blinds,
        _OFFENCE.incident_id.in_(incident_ids),
        _OFFENCE.kind == "student",
        _OFFENCE.involvement.in_(OFFENDERS),
    )


def _records_i_may_see(unit: Unit, incident: Incident, facts: dict[str, object]) -> Read[Participation]:
    """The records of children of an incident who are marked, as far as the reader's own list shows them."""
    here = select(Participation.link_blind).where(
        Participation.incident_id == incident.id, Participation.secondary.is_not(None)
    )
    mine = _recorded(incident).where(scope(unit.me.roles, "incident.read"))
    return Read(("records", incident.id), told(_offences(_OFFENCE.link_blind.in_(here), mine), facts))


async def records_i_may_see(unit: Unit, incident: Incident) -> list[Participation]:
    """The same, as a list."""
    return await together.rows(unit.session, _records_i_may_see(unit, incident, await vault.facts(unit)))


async def records_of(unit: Unit, blinds: Collection[bytes], incident: Incident) -> list[Participation]:
    """Records of some children in the school year of an incident, without that incident."""
    before = _recorded(incident).where(Incident.id != incident.id)
    query = _offences(_OFFENCE.link_blind.in_(blinds), before)
    return list((await unit.session.scalars(query)).all())


def school_year_of(incident: Incident) -> datetime:
    """When the school year of an incident began."""
    return calendar.at_local(calendar.school_year_start(clock.local_date(incident.reported_at)), calendar.MIDNIGHT)


async def changes(unit: Unit, incident_id: UUID) -> list[IncidentChange]:
    """Turns outside the usual way, the earliest first."""
    return await together.rows(unit.session, _changes(incident_id))


async def reconciliations(unit: Unit, incident_id: UUID) -> list[Reconciliation]:
    """Talks that both sides agreed to."""
    return await together.rows(unit.session, _reconciliations(incident_id))


async def relieve(unit: Unit, incident_id: UUID, membership_id: UUID) -> None:
    """Take a member's duty in an incident away."""
    await unit.session.execute(
        delete(IncidentDuty).where(IncidentDuty.incident_id == incident_id, IncidentDuty.membership_id == membership_id)
    )


async def blinds_in(unit: Unit, incident_ids: Collection[UUID]) -> set[tuple[UUID, bytes]]:
    """Everybody who stands in these incidents in any role, or reported them."""
    people = select(Participation.incident_id, Participation.link_blind.label("blind"))
    reporters = select(Report.incident_id, Report.reporter_blind.label("blind"))
    both = (
        people.where(Participation.incident_id.in_(incident_ids)),
        reporters.where(Report.incident_id.in_(incident_ids), Report.reporter_blind.is_not(None)),
    )
    found: CompoundSelect[UUID, bytes] = union_all(*both)
    return {(row.incident_id, row.blind) for row in (await unit.session.execute(found)).all()}


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
