"""Every query of the module; single rows and lists go through the same scope (S-31)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Executable,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from src.platform.access.policy import Table, table
from src.platform.access.relations import my_relations, scope
from src.platform.attachments import service as attachments
from src.platform.db import prepared, together
from src.platform.db.prepared import compiled, numbered, once
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents.errors import OutOfNumbersError
from src.platform.incidents.models import (
    Incident,
    IncidentDuty,
    Injury,
    Interview,
    NarrativeToken,
    Participation,
    Report,
    ReportMessage,
    SittingItem,
    TeamMeeting,
)
from src.platform.incidents.triage import repository as triage_repository
from src.platform.incidents.turns import repository as turn_repository
from src.platform.kit.ids import incident_number
from src.platform.tenants import service as tenants
from src.platform.tenants.events import member_since
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

_TRIES = 50


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


def scoped(roles: frozenset[str], permission: str) -> Select[Incident, list[str]]:
    """Incidents that a reader of these roles may touch by a permission, with the relations that tie them."""
    return select(Incident, my_relations("incident")).where(scope(roles, permission))


async def add_reported(
    unit: Unit, incident: Mapping[str, object], report: Mapping[str, object], *, beside: Sequence[Read[Any]] = ()
) -> None:
    """Store a report with its incident, under a number that no other has; the number is random, so it may be taken.

    It answers also the reads `beside` that are not known yet. Raises OutOfNumbersError after many taken ones.
    """
    reads = [one for one in beside if together.known(unit.session, one) is None]
    key = ("reported", *incident, *report, *(one.query for one in reads))
    made = once(key, None, lambda: compiled(_reported(incident, report, together.columns(*reads)), fixed=True))
    given = {f"report_{name}": value for name, value in report.items()} | {"the_tenant": unit.tenant_id}
    given |= {f"incident_{name}": value for name, value in incident.items()} | together.given(*reads)
    for _ in range(_TRIES):
        if stored := await prepared.changed(unit.session, made, given | {"incident_number": incident_number()}):
            together.keep(unit.session, reads, stored[1:])
            return
    raise OutOfNumbersError


def _reported(incident: Iterable[str], report: Iterable[str], beside: Sequence[ColumnElement[str]]) -> Executable:
    """One statement for both: without a number there is no report."""
    tenant = bindparam("the_tenant", type_=Uuid)
    incident_row = (
        insert(Incident)
        .values(tenant_id=tenant, **_params("incident", Incident, [*incident, "number"]))
        .on_conflict_do_nothing(index_elements=[Incident.tenant_id, Incident.number])
        .returning(Incident.id)
        .cte("numbered")
    )
    told = {"tenant_id": tenant, **_params("report", Report, report), "incident_id": incident_row.c.id}
    return insert(Report).from_select(list(told), select(*told.values())).returning(Report.id, *beside)


def _params(prefix: str, model: type[Any], names: Iterable[str]) -> dict[str, BindParameter[Any]]:
    return {name: bindparam(f"{prefix}_{name}", type_=model.__table__.c[name].type) for name in names}


async def one(unit: Unit, incident_id: UUID, *, permission: str, lock: bool = False) -> Tied | None:
    """One incident if the reader may, locked for a write."""
    roles = unit.me.roles
    query = once(("incident", roles, permission, lock), table(), lambda: _one(roles, permission, lock=lock))
    row = (await unit.session.execute(query, {**await vault.facts(unit), "incident": incident_id})).one_or_none()
    return Tied(row[0], row[1]) if row else None


def _one(roles: frozenset[str], permission: str, *, lock: bool) -> Select[Incident, list[str]]:
    query = scoped(roles, permission).where(Incident.id == bindparam("incident"))
    return query.with_for_update(of=Incident) if lock else query


async def readable_to(
    unit: Unit, members: Collection[Member], incident_ids: Collection[UUID], permission: str = "incident.read"
) -> set[tuple[UUID, UUID]]:
    """Which of these members may read which of these incidents: the scope of their own lists, in one statement."""
    if not members or not incident_ids:
        return set()
    facts = await vault.facts_of_members(unit, members)
    asked = sorted(members, key=lambda one: sorted(one.roles))  # the same roles in the same order are the same text
    queries: list[Any] = []
    told: dict[str, object] = {"incidents": [*incident_ids]}
    for number, one in enumerate(asked):
        known = {**facts[one.membership_id], "member": one.membership_id}
        queries.append(_readable(table(), one.roles, permission, number, frozenset(known)))
        told |= {f"{name}_{number}": value for name, value in known.items()}
    return {(row.member, row.incident) for row in (await unit.session.execute(union_all(*queries), told)).all()}


_made: dict[tuple[object, ...], tuple[Table, "Select[UUID, UUID]"]] = {}


def _readable(now: Table, roles: frozenset[str], permission: str, number: int, facts: frozenset[str]) -> Any:
    """What somebody with these roles may read; made once for each policy, because making it costs more than asking."""
    key = (roles, permission, number, facts)
    if key not in _made or _made[key][0] is not now:
        member = bindparam("member", type_=Uuid).label("member")
        query = select(member, Incident.id.label("incident")).where(
            Incident.id == any_(bindparam("incidents", type_=ARRAY(Uuid))), scope(roles, permission)
        )
        _made[key] = now, numbered(query, facts, number)
    return _made[key][1]


_PEOPLE = (
    select(Participation)
    .where(Participation.incident_id == any_(bindparam("incidents", type_=ARRAY(Uuid))))
    .order_by(Participation.id)
)


def participations_of(incident_ids: Collection[UUID]) -> Read[Participation]:
    """The same, to be read with others."""
    return Read(("participation", *incident_ids), _PEOPLE, {"incidents": [*incident_ids]})


_LIVES_ON = select(Incident.linked_into).where(Incident.id == bindparam("incident")).scalar_subquery()
_STANDING = select(Participation).where(Participation.incident_id.in_([bindparam("incident", type_=Uuid), _LIVES_ON]))
_REPORTS = select(Report).where(Report.incident_id == bindparam("incident")).order_by(Report.received_at, Report.id)
_DUTIES = select(IncidentDuty).where(IncidentDuty.incident_id == bindparam("incident"))
_INTERVIEWS = select(Interview).where(Interview.incident_id == bindparam("incident")).order_by(Interview.held_at)
_MEETINGS = (
    select(TeamMeeting).where(TeamMeeting.incident_id == bindparam("incident")).order_by(TeamMeeting.held_at.desc())
)
_TOKENS = (
    select(NarrativeToken)
    .where(NarrativeToken.incident_id == bindparam("incident"), NarrativeToken.undone_at.is_(None))
    .order_by(NarrativeToken.id)
)
_MESSAGES = (
    select(ReportMessage)
    .join(Report, (Report.tenant_id == ReportMessage.tenant_id) & (Report.id == ReportMessage.report_id))
    .where(Report.incident_id == bindparam("incident"))
    .order_by(ReportMessage.report_id, ReportMessage.place)
)
_HELD = (
    select(SittingItem)
    .where(
        SittingItem.incident_id == bindparam("incident"),
        SittingItem.decided_at.is_(None),
        SittingItem.held_at.is_not(None),
    )
    .order_by(SittingItem.held_at)
)
_INJURIES = select(Injury).where(Injury.incident_id == bindparam("incident")).order_by(Injury.noted_at, Injury.id)


def standing_in(incident_id: UUID) -> Read[Participation]:
    """Who stands in an incident; in a linked one those of the incident that it points to as well."""
    return Read(("standing", incident_id), _STANDING, {"incident": incident_id})


def _reports(incident_id: UUID) -> Read[Report]:
    return Read(("report", incident_id), _REPORTS, {"incident": incident_id})


def _duties(incident_id: UUID) -> Read[IncidentDuty]:
    return Read(("duty", incident_id), _DUTIES, {"incident": incident_id})


def _interviews(incident_id: UUID) -> Read[Interview]:
    return Read(("interview", incident_id), _INTERVIEWS, {"incident": incident_id})


def _meetings(incident_id: UUID) -> Read[TeamMeeting]:
    return Read(("team_meeting", incident_id), _MEETINGS, {"incident": incident_id})


def _tokens(incident_id: UUID) -> Read[NarrativeToken]:
    return Read(("token", incident_id), _TOKENS, {"incident": incident_id})


def _messages(incident_id: UUID) -> Read[ReportMessage]:
    return Read(("report_message", incident_id), _MESSAGES, {"incident": incident_id})


async def by_number(unit: Unit, number: str) -> UUID | None:
    """The incident with a number that the reader may see."""
    query = select(Incident.id).where(scope(unit.me.roles, "incident.read"), Incident.number == number)
    return (await unit.session.execute(query, await vault.facts(unit))).scalar_one_or_none()


def _held(incident_id: UUID) -> Read[SittingItem]:
    return Read(("held", incident_id), _HELD, {"incident": incident_id})


async def held(unit: Unit, incident_id: UUID) -> list[SittingItem]:
    """Agendas of meetings that were held, on which an incident still waits for its decision, the latest last."""
    return await together.rows(unit.session, _held(incident_id))


def injuries_of(incident_id: UUID) -> Read[Injury]:
    """The same, to be read with others."""
    return Read(("injury", incident_id), _INJURIES, {"incident": incident_id})


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
        triage_repository.forwardings_of,
        turn_repository.changes_of,
        turn_repository.reconciliations_of,
        _held,
        injuries_of,
        attachments.of_subject,
    )
    await together.prefetch(
        unit.session,
        participations_of([incident_id]),
        *(read(incident_id) for read in lists),
        triage_repository.similar_to(unit, incident, await vault.facts(unit)),
        triage_repository.beside_of(unit, incident, await vault.facts(unit)),
        turn_repository.records_shown(unit, incident, await vault.facts(unit)),
        deadlines.clocks_of([incident_id]),
        tenants.all_members(),
        *more,
    )


async def prefetch_named(unit: Unit, incident_id: UUID) -> None:
    """The people of an incident and the names that are marked in its texts, in one statement."""
    await together.prefetch(unit.session, participations_of([incident_id]), _tokens(incident_id))


async def participations(unit: Unit, incident_ids: Collection[UUID]) -> list[Participation]:
    """People of some incidents, in the order they were named."""
    return await together.rows(unit.session, participations_of(incident_ids))


async def participation(unit: Unit, participation_id: UUID) -> Participation:
    """One person of an incident, for a job, which has no reader."""
    return (await unit.session.scalars(select(Participation).where(Participation.id == participation_id))).one()


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


async def note_read(unit: Unit, reports: Collection[UUID], messages: Collection[UUID], at: datetime) -> None:
    """Reports and what their reporters said later were read by the team."""
    for read, ids in ((Report, reports), (ReportMessage, messages)):
        if ids:
            query = update(read).where(read.id.in_(ids), read.read_at.is_(None)).values(read_at=at)
            await unit.session.execute(query.execution_options(synchronize_session=False))


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
    return await together.rows(unit.session, injuries_of(incident_id))


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
