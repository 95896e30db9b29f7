"""Every query of the module; single rows and lists go through the same scope (S-31)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    ScalarSelect,
    Select,
    Text,
    Update,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from src.platform.access.relations import my_relations, scope, with_facts
from src.platform.attachments import service as attachments
from src.platform.db import together
from src.platform.db.base import Base
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents.models import (
    OFFENDERS,
    Forwarding,
    Incident,
    IncidentChange,
    IncidentDuty,
    IncidentLink,
    Injury,
    Interview,
    NarrativeToken,
    Participation,
    Reconciliation,
    Report,
    ReportMessage,
    SavedFilter,
    SittingItem,
    TeamMeeting,
)
from src.platform.incidents.states import LINKABLE
from src.platform.kit import clock
from src.platform.kit.cursor import Place
from src.platform.kit.ids import incident_number
from src.platform.roster import service as roster
from src.platform.tenants import service as tenants
from src.platform.tenants.events import member_since
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault
from src.platform.workdays import calendar

_OFFENCE = aliased(Participation)
"""Relations of an incident look at its people; people of other incidents go by another name."""

_MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Tied:
    """An incident with the relations that tie the reader to it."""

    incident: Incident
    relations: list[str]


@dataclass(frozen=True, slots=True)
class Told:
    """A report with the state of its incident, for who reported it."""

    report: Report
    state: str


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


@dataclass(frozen=True, slots=True)
class Listed(Tied):
    """The same in a list: when its next term is due, and who stands in it as (id, kind) where that was asked for."""

    next_due: datetime | None
    people: list[tuple[UUID, str]]


async def page(
    unit: Unit,
    *,
    after: Place | None,
    most: int,
    narrowed: Iterable[ColumnElement[bool]] = (),
    by_term: bool = False,
    with_people: bool = False,
) -> list[Listed]:
    """Incidents that the reader may see: the newest first, or the next term first and those without one last."""
    due = deadlines.next_due(Incident.id)
    query = _scoped(unit, "incident.read").add_columns(due, _PEOPLE if with_people else null()).where(*narrowed)
    if by_term:
        query = query.order_by(due.asc().nulls_last(), Incident.id)
    else:
        query = query.order_by(Incident.reported_at.desc(), Incident.id.desc())
    if after is not None:
        query = query.where(_behind(after, due) if by_term else tuple_(Incident.reported_at, Incident.id) < after)
    rows = (await unit.session.execute(query.limit(most), await vault.facts(unit))).all()
    return [Listed(i, relations, due_at, _people(people)) for i, relations, due_at, people in rows]


def _behind(after: Place, due: ScalarSelect[datetime]) -> ColumnElement[bool]:
    at, incident_id = after
    if at is None:
        return and_(due.is_(None), Incident.id > incident_id)
    return or_(due > at, and_(due == at, Incident.id > incident_id), due.is_(None))


_PEOPLE = func.array(
    select(func.concat(Participation.id, "|", Participation.kind))
    .where(Participation.incident_id == Incident.id)
    .correlate(Incident)
    .scalar_subquery(),
    type_=ARRAY(Text),
)


def _people(told: list[str] | None) -> list[tuple[UUID, str]]:
    return [(UUID(one.partition("|")[0]), one.partition("|")[2]) for one in told or ()]


async def readable_to(
    unit: Unit, members: Collection[Member], incident_ids: Collection[UUID], permission: str = "incident.read"
) -> set[tuple[UUID, UUID]]:
    """Which of these members may read which of these incidents: the scope of their own lists, in one statement."""
    if not members or not incident_ids:
        return set()
    facts = await vault.facts_of_members(unit, members)
    queries: list[Select[UUID, UUID]] = [
        with_facts(
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


def _messages(incident_id: UUID) -> Read[ReportMessage]:
    of_it = (Report.tenant_id == ReportMessage.tenant_id) & (Report.id == ReportMessage.report_id)
    query = select(ReportMessage).join(Report, of_it).where(Report.incident_id == incident_id)
    return Read(("report_message", incident_id), query.order_by(ReportMessage.report_id, ReportMessage.place))


async def prefetch_choices(unit: Unit, school_class: UUID | None, *, classes: bool) -> None:
    """What the form of the list offers, in one statement: my filters; to who may ask, classes and students."""
    reads: list[Read[Any]] = [saved_filters(unit.me.membership_id)]
    if classes:
        reads += [roster.all_classes(), *([roster.learning_in(school_class)] if school_class else [])]
    await together.prefetch(unit.session, *reads)


async def prefetch_rows(unit: Unit, incident_ids: Collection[UUID]) -> None:
    """What the rows of the list show, in one statement."""
    if incident_ids:
        await together.prefetch(unit.session, _participations(incident_ids), deadlines.clocks_of(incident_ids))


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


def _injuries(incident_id: UUID) -> Read[Injury]:
    query = select(Injury).where(Injury.incident_id == incident_id)
    return Read(("injury", incident_id), query.order_by(Injury.noted_at, Injury.id))


async def prefetch(unit: Unit, incident: Incident, *more: Read[Any]) -> None:
    """Everything that the page of an incident shows, and what else it asks for, in one statement."""
    incident_id = incident.id
    lists = (
        _reports,
        _duties,
        _interviews,
        _tokens,
        _meetings,
        _messages,
        _forwardings,
        _changes,
        _reconciliations,
        _held,
        _injuries,
        attachments.of_subject,
    )
    await together.prefetch(
        unit.session,
        _participations([incident_id]),
        *(read(incident_id) for read in lists),
        _similar(unit, incident, await vault.facts(unit)),
        _beside(unit, incident, await vault.facts(unit)),
        _records_i_may_see(unit, incident, await vault.facts(unit)),
        deadlines.clocks_of([incident_id]),
        tenants.all_members(),
        *more,
    )


async def participations(unit: Unit, incident_ids: Collection[UUID]) -> list[Participation]:
    """People of some incidents, in the order they were named."""
    return await together.rows(unit.session, _participations(incident_ids))


async def reports(unit: Unit, incident_id: UUID) -> list[Report]:
    """The reports of one incident, the earliest first."""
    return await together.rows(unit.session, _reports(incident_id))


def _told() -> Select[Report, str]:
    return select(Report, Incident.state).join(
        Incident, (Incident.tenant_id == Report.tenant_id) & (Incident.id == Report.incident_id)
    )


async def my_reports(unit: Unit, most: int) -> list[Told]:
    """What I reported and how far it is, the latest first."""
    facts = await vault.facts(unit)
    query = _told().where(_is_mine(facts)).order_by(Report.received_at.desc()).limit(most)
    return [Told(*row) for row in (await unit.session.execute(query, facts)).all()]


async def my_report(unit: Unit, report_id: UUID) -> Report | None:
    """One report of mine."""
    facts = await vault.facts(unit)
    return (
        await unit.session.scalars(select(Report).where(Report.id == report_id, _is_mine(facts)), facts)
    ).one_or_none()


def _is_mine(facts: dict[str, object]) -> ColumnElement[bool]:
    """Reported with this account: a new code opens nothing of a former one (ADR 13)."""
    since = member_since(bindparam("me_membership", type_=Uuid))
    return and_(Report.reporter_blind.in_(facts["mine"]), Report.received_at >= since)  # type: ignore[arg-type]  # a list of blinds


async def told(unit: Unit, report_id: UUID) -> Told | None:
    """One report, for who holds its receipt or for a job; nobody's permission is asked here."""
    row = (await unit.session.execute(_told().where(Report.id == report_id))).one_or_none()
    return Told(*row) if row else None


async def messages(unit: Unit, incident_id: UUID) -> list[ReportMessage]:
    """Questions to those who reported an incident, and what they said, in the order of each report."""
    return await together.rows(unit.session, _messages(incident_id))


async def messages_of(unit: Unit, report_ids: Collection[UUID]) -> list[ReportMessage]:
    """The same of some reports."""
    query = select(ReportMessage).where(ReportMessage.report_id.in_(report_ids))
    return list((await unit.session.scalars(query.order_by(ReportMessage.report_id, ReportMessage.place))).all())


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
    return Read(("records", incident.id), with_facts(_offences(_OFFENCE.link_blind.in_(here), mine), facts))


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


def saved_filters(membership_id: UUID) -> Read[SavedFilter]:
    """The filters of one member, in the order they were made."""
    query = select(SavedFilter).where(SavedFilter.membership_id == membership_id).order_by(SavedFilter.id)
    return Read(("saved_filter", membership_id), query)


async def my_filters(unit: Unit) -> list[SavedFilter]:
    """The filters of the unit's person."""
    return await together.rows(unit.session, saved_filters(unit.me.membership_id))


async def my_filter(unit: Unit, filter_id: UUID) -> SavedFilter | None:
    """One of them, locked."""
    query = select(SavedFilter).where(SavedFilter.membership_id == unit.me.membership_id, SavedFilter.id == filter_id)
    return (await unit.session.scalars(query.with_for_update())).one_or_none()


async def write_filter(unit: Unit, filter_id: UUID, version: int, content: bytes) -> bool:
    """Change a filter if nobody did since `version`."""
    done = await unit.session.execute(
        update(SavedFilter)
        .where(SavedFilter.id == filter_id, SavedFilter.version == version)
        .values(content=content, version=SavedFilter.version + 1)
        .returning(SavedFilter.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def drop_filter(unit: Unit, filter_id: UUID) -> None:
    """Throw a filter away."""
    await unit.session.execute(delete(SavedFilter).where(SavedFilter.id == filter_id))


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


async def move_injuries(unit: Unit, from_id: UUID, into_id: UUID) -> bool:
    """Every injury noted in one incident is noted in another; whether there was one."""
    query = _moved(Injury, Injury.incident_id == from_id, incident_id=into_id).returning(Injury.id)
    return bool((await unit.session.scalars(query)).all())


async def stand_for(unit: Unit, incident_id: UUID, old: UUID, new: UUID) -> None:
    """Talks, injuries and marked names of an incident mean the same person under another row."""
    for table in (Interview, Injury, NarrativeToken):
        mine = and_(table.incident_id == incident_id, table.participation_id == old)
        await unit.session.execute(_moved(table, mine, participation_id=new))


async def follow(unit: Unit, from_id: UUID, into_id: UUID) -> list[UUID]:
    """What was linked to one incident is linked to another; which they are."""
    query = _moved(Incident, Incident.linked_into == from_id, linked_into=into_id).returning(Incident.id)
    return list((await unit.session.scalars(query)).all())


def _moved(table: type[Base], which: ColumnElement[bool], **values: object) -> Update:
    return update(table).where(which).values(**values).execution_options(synchronize_session=False)
