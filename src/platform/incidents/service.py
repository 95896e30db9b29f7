"""Verbs of process (a). Each: load through the scope and lock, allowed?, state table, change, outbox, audit last."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import events, members, readers, registry, repository, states, tokens
from src.platform.incidents.errors import (
    AlreadyNamedError,
    InterviewsMissingError,
    LinkedError,
    MedicalHelpMissingError,
    NamedPersonError,
    SafetyMissingError,
    VictimAloneError,
    WrongStateError,
)
from src.platform.incidents.events import ChildOfIncident
from src.platform.incidents.models import CODE_WORDS, Incident, Interview, Participation, Report
from src.platform.incidents.reading import history
from src.platform.incidents.repository import Tied
from src.platform.incidents.schemas import NewReport
from src.platform.incidents.triage import urgency as urgency_of
from src.platform.incidents.turns import repository as turn_repository
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault
from src.platform.vault.schemas import Link

APPOINTED = frozenset({"investigator", "support_person"})
_NOT_BY_NAMED = frozenset({"incident.investigate", "incident.classify", "incident.ask"})  # decisions 18
_VICTIMS = frozenset({"victim", "both"})
_SIDES = {"victim": "victim", "alleged_offender": "offender", "both": "both"}
_NEEDS_A_CASE = frozenset({"at_risk", "high_risk"})
_HELPED_FOR_REPEATS = frozenset({"mandatory", "accepted"})


async def report(unit: Unit, new: NewReport) -> UUID:
    """Take a staff member's report; the clock runs from this moment (R-030, R-259). The reporter is sealed."""
    access.require(unit, "report.submit")
    return await take_signed(unit, new, channel="staff")


async def take_signed(unit: Unit, new: NewReport, *, channel: str) -> UUID:
    """Store the report of the person behind the unit, sealed, by whichever door they came; answers its incident."""
    report_id = new_id()
    link = await vault.seal_link(unit, unit.me.person_id, report_id)
    return await take(unit, new, report_id, channel=channel, link=link)


async def take(
    unit: Unit, new: NewReport, report_id: UUID, *, channel: str, link: Link | None, at: datetime | None = None
) -> UUID:
    """Store a report with an incident of its own; `link` is who reported, None for nobody (X8). Answers its incident.

    Who calls has asked whether this may be reported here. `at`: when it was told, where that was elsewhere (R-153).
    """
    at = at or clock.now()
    urgency = "standard" if new.harmed == new.harm_danger == "no" else "urgent"
    answered = "yes" in (new.harmed, new.harm_danger)  # anything else is provisional
    incident_id = new_id()
    incident = {
        "id": incident_id,
        "state": "reported",
        "urgency": urgency,
        "urgency_answered": answered,
        "residential_child": new.residential_child,
        "reported_at": at,
    }
    texts = {
        "description": new.description,
        "who": new.who,
        "happened": new.happened,
        "reporter_status_other": new.reporter_status_other,
        "told_by": new.told_by,
    }
    report = {
        "id": report_id,
        "received_at": at,
        "channel": channel,
        "place": new.place,
        "harmed": new.harmed,
        "harm_danger": new.harm_danger,
        "reporter_sealed": link.sealed if link else None,
        "reporter_blind": link.blind if link else None,
        "reporter_status": new.reporter_status,
    }
    report |= {name: await _sealed(unit, text, f"report.{name}", report_id) for name, text in texts.items()}
    await repository.add_reported(unit, incident, report, beside=deadlines.reads_to_start())
    is_hurt, lives_there = new.harmed == "yes", new.residential_child
    await urgency_of.begin(unit, incident_id, urgency, at, is_hurt=is_hurt, lives_in_institution=lives_there)
    await outbox.emit(unit, "incidents.tell_team", {"incident": incident_id})
    if urgency == "urgent":
        await outbox.emit(unit, "incidents.tell_duty", {"incident": incident_id})
    if new.residential_child:
        await outbox.emit(unit, "incidents.tell_of_residential", {"incident": incident_id})
    actor = link.sealed if link else None
    audit.record(unit, "report.submitted", "incident", [incident_id], sealed_actor=actor)
    return incident_id


async def has_report(unit: Unit, report_id: UUID) -> bool:
    """Whether a report with this id was taken, for a job that may run twice."""
    return await unit.session.get(Report, (unit.tenant_id, report_id)) is not None


async def name_person(unit: Unit, incident_id: UUID, person_id: UUID, involvement: str, kind: str) -> UUID:
    """Name a person of the roster in an incident; a named colleague loses all access at once (R-064)."""
    incident = await for_verb(unit, incident_id, "incident.name_people")
    if incident.state not in states.OPEN_FOR_PEOPLE:
        raise WrongStateError
    if not await vault.exists(unit, person_id):
        raise NotFound
    known = await repository.participations(unit, [incident.id])
    mine = await vault.blinds_of(unit, person_id)
    if any(one.link_blind in mine for one in known):
        raise AlreadyNamedError
    row_id = await add_person(unit, incident.id, person_id, involvement, kind)
    await outbox.emit(unit, "incidents.look_for_conflicts", {"incident": incident.id, "participation": row_id})
    audit.record(unit, "incident.person_named", "incident", [incident.id, row_id], detail={"involvement": involvement})
    return row_id


async def add_person(unit: Unit, incident_id: UUID, person_id: UUID, involvement: str, kind: str) -> UUID:
    """A new row of a person in an incident under a code that is nobody else's there; the caller has asked who may."""
    row_id = await _id_with_own_code(unit, kind, await repository.participations(unit, [incident_id]))
    link = await vault.seal_link(unit, person_id, row_id)
    unit.session.add(
        Participation(
            tenant_id=unit.tenant_id,
            id=row_id,
            incident_id=incident_id,
            involvement=involvement,
            kind=kind,
            link=link.sealed,
            link_blind=link.blind,
            added_at=clock.now(),
            version=1,
        )
    )
    return row_id


async def has_own_code(unit: Unit, one: Participation, others: Collection[Participation]) -> bool:
    """Whether the code of a person is nobody else's among these."""
    mine = await code_of(unit, one.kind, one.id)
    return mine not in {await code_of(unit, other.kind, other.id) for other in others}


async def screen(
    unit: Unit, incident_id: UUID, version: int, *, investigators: Collection[UUID], support: Collection[UUID] = ()
) -> None:
    """The team has looked at the report together and named who investigates and who supports victims (R-037, R-078).

    Until the investigation begins the same names whoever does it instead.
    """
    incident = await for_verb(unit, incident_id, "incident.screen")
    after, is_first = states.advance(incident.state, "screen"), incident.state == "reported"
    if is_first and await urgency_of.hurt(unit, incident) and incident.sent_to_medical is None:
        raise MedicalHelpMissingError
    chosen = {*investigators, *support}
    appointed = await _appointed(unit, incident, chosen, investigators, support)
    first = {"screened_at": clock.now(), "urgency_answered": True} if is_first else {}
    received_by = incident.received_by or unit.me.membership_id
    await write(unit, incident, version, state=after, received_by=received_by, **first)
    known = {one.membership_id for one in await repository.duties(unit, incident.id) if one.duty in APPOINTED}
    for one in known - chosen:
        await turn_repository.relieve(unit, incident.id, one)
    for one in chosen:
        await repository.set_duty(unit, incident.id, one, "support_person" if one in support else "investigator")
    if len(await readers.may_read(unit, appointed, incident.id)) < len(appointed):
        raise NamedPersonError  # a relative of somebody named: the conflict outweighs the duty
    await notifications.notify(unit, chosen - known - {unit.me.membership_id}, "duty_given", "incident", incident.id)
    if not is_first:
        audit.record(unit, "incident.screening_amended", "incident", [incident.id])
        return
    for code in urgency_of.SCREEN_CLOCKS.values():
        await deadlines.meet(unit, code, incident.id, clock.now())
    await _moved(unit, incident, "incident.screened")


async def _appointed(
    unit: Unit, incident: Incident, chosen: set[UUID], investigators: Collection[UUID], support: Collection[UUID]
) -> list[Member]:
    """Who is given a duty. Raises Invalid, NamedPersonError."""
    if set(support) & set(investigators):
        message = N_("The support person is not an investigator")
        raise Invalid(fields=[FieldError("support", "is_investigator", message)])
    team = {member.membership_id: member for member in await members.team_of(unit)}
    helpers = {member.membership_id: member for member in await members.may_support(unit)}
    if not set(investigators) <= team.keys() or not chosen <= team.keys() | helpers.keys():
        raise Invalid(fields=[FieldError("investigators", "not_in_team", N_("Choose members of the team"))])
    appointed = [(team | helpers)[one] for one in chosen]
    if await members.named_among(unit, incident.id, appointed):
        raise NamedPersonError
    return appointed


async def start_investigation(unit: Unit, incident_id: UUID, version: int) -> None:
    """The talks begin; the clock of one to two days runs (R-039)."""
    incident = await for_verb(unit, incident_id, "incident.investigate")
    after = states.advance(incident.state, "start_investigation")
    at = clock.now()
    await write(unit, incident, version, state=after, investigation_started_at=at)
    await start_clock(unit, incident, at)
    await _moved(unit, incident, "incident.investigation_started")


async def start_clock(unit: Unit, incident: Incident, at: datetime) -> None:
    """The investigation's clock of this round; its first investigator owes it."""
    first = next(
        (d.membership_id for d in await repository.duties(unit, incident.id) if d.duty == "investigator"), None
    )
    await deadlines.meet(unit, urgency_of.SCREEN_CLOCKS["urgent"], incident.id, at)  # of one raised after screening
    period = period_of(incident)
    await deadlines.start(unit, "clk_investigation", "incident", incident.id, at, period=period, responsible=first)


def period_of(incident: Incident) -> str:
    """What tells the clocks of one round from those before a reopening."""
    return f"({incident.rounds + 1})" if incident.rounds else ""


async def hear(
    unit: Unit,
    incident_id: UUID,
    *,
    participation_id: UUID | None = None,
    report_id: UUID | None = None,
    held_at: datetime | None = None,
    held_by: Collection[UUID] = (),
    notes: str = "",
    waiver: str | None = None,
) -> None:
    """Record a talk with exactly one person and its time, or why there was none (R-040 … R-042).

    `held_by`: members who talked; nobody named means who records it.
    """
    incident = await for_verb(unit, incident_id, "incident.investigate")
    if incident.state != "under_investigation":
        raise WrongStateError
    if waiver is None and (held_at is None or not notes):
        name = "held_at" if held_at is None else "notes"
        raise Invalid(fields=[FieldError(name, "required", N_("Fill this in"))])
    people = {p.id for p in await repository.participations(unit, [incident.id])}
    reports = {r.id for r in await repository.reports(unit, incident.id)}
    of_participant, of_reporter = participation_id in people, report_id in reports
    if of_participant == of_reporter or (participation_id and report_id):
        raise NotFound
    talkers = [] if waiver else list(held_by) or [unit.me.membership_id]
    if not set(talkers) <= {one.membership_id for one in await members.may_support(unit)} | {unit.me.membership_id}:
        raise Invalid(fields=[FieldError("held_by", "not_in_team", N_("Choose members of the team"))])
    row_id = new_id()
    unit.session.add(
        Interview(
            tenant_id=unit.tenant_id,
            id=row_id,
            incident_id=incident.id,
            participation_id=participation_id,
            report_id=report_id,
            held_at=held_at,
            held_by=talkers,
            notes=await _sealed(unit, notes, "interview.notes", row_id),
            waiver=waiver,
        )
    )
    incident.identities_read_at = None
    audit.record(
        unit, "incident.heard" if waiver is None else "incident.hearing_waived", "incident", [incident.id, row_id]
    )


async def finish_investigation(unit: Unit, incident_id: UUID, version: int, *, findings: str) -> None:
    """What happened is known; everybody was heard or excused with a reason (R-040)."""
    incident = await for_verb(unit, incident_id, "incident.investigate")
    after = states.advance(incident.state, "finish_investigation")
    if await still_to_hear(unit, incident.id):
        raise InterviewsMissingError
    at = clock.now()
    changes = {"findings": await _sealed(unit, findings, "incident.findings", incident.id), "identities_read_at": None}
    await write(unit, incident, version, state=after, investigation_ended_at=at, **changes)
    period = period_of(incident)
    await deadlines.meet(unit, "clk_investigation", incident.id, at, period=period)
    await deadlines.start(unit, "clk_team_classification", "incident", incident.id, at, period=period)
    await _moved(unit, incident, "incident.investigated")


async def close(unit: Unit, incident_id: UUID, version: int) -> None:
    """All decisions have an owner; no victim is left without written protection or alone (R-047, R-263).

    From now on every victim is monitored until violence has stopped (R-246).
    """
    incident = await for_verb(unit, incident_id, "incident.close")
    after = states.advance(incident.state, "close")
    people = await repository.participations(unit, [incident.id])
    victims = {one.id for one in people if one.involvement in _VICTIMS}
    if victims and incident.safety_measures is None:
        raise SafetyMissingError
    supported = any(one.duty == "support_person" for one in await repository.duties(unit, incident.id))
    if victims and not supported and not victims <= await registry.managed(unit, incident.id):
        raise VictimAloneError
    await write(unit, incident, version, state=after, closed_at=clock.now())
    if victims:
        await outbox.emit(unit, events.CLOSED, {"incident": incident.id})
    await _moved(unit, incident, "incident.closed")


async def children_for_cases(unit: Unit, incident_id: UUID) -> list[ChildOfIncident]:
    """Children that need a case: at risk, high risk, a victim whatever the level, a repeat (R-029, R-046, R-263)."""
    return [
        ChildOfIncident(one.id, _SIDES[one.involvement], one.link)
        for one in await repository.participations(unit, [incident_id])
        if one.kind == "student"
        and one.involvement in _SIDES
        and (one.involvement in _VICTIMS or one.risk_level in _NEEDS_A_CASE or one.secondary in _HELPED_FOR_REPEATS)
    ]


async def code_of(unit: Unit, kind: str, participation_id: UUID) -> str:
    """The code of a person of one of our kinds in one incident (decisions 14)."""
    return await vault.code(unit, CODE_WORDS[kind], participation_id)


async def note_conflict(unit: Unit, incident_id: UUID, why: Alert) -> None:
    """The school cannot handle this incident alone: the commission hears of each reason once."""
    incident = await repository.locked(unit, incident_id)
    if why.value not in incident.commission_told:
        incident.commission_told = [*incident.commission_told, why.value]
        await tenants.alert_commission(unit, why)


async def still_to_hear(unit: Unit, incident_id: UUID) -> set[UUID]:
    """People and known reporters without a talk or a waiver."""
    heard = await repository.interviews(unit, incident_id)
    done = {i.participation_id for i in heard} | {i.report_id for i in heard}
    wanted = {p.id for p in await repository.participations(unit, [incident_id])}
    wanted |= {r.id for r in await repository.reports(unit, incident_id) if r.reporter_blind}
    return wanted - done


async def for_verb(unit: Unit, incident_id: UUID, permission: str) -> Incident:
    """The incident, locked, if this person may read it and do the verb, and does not stand in it (R-064)."""
    return (await tied_for_verb(unit, incident_id, permission)).incident


async def tied_for_verb(unit: Unit, incident_id: UUID, permission: str, *, also_linked: bool = False) -> Tied:
    """The same with the relations that tie the person to it. Raises LinkedError where the work goes on elsewhere."""
    tied = await repository.one(unit, incident_id, permission="incident.read", lock=True)
    if tied is None:
        raise NotFound
    access.demand(unit.me, permission, tied.relations, reading="incident.read")
    if tied.incident.state == states.LINKED and not also_linked:
        raise LinkedError
    if permission in _NOT_BY_NAMED and {"own_report", "witness"} & set(tied.relations):
        raise NamedPersonError
    return tied


async def write(unit: Unit, incident: Incident, version: int, **changes: object) -> None:
    """Change the incident and note which answers changed. Raises StaleVersion when somebody did since `version`."""
    told = history.changed(incident, changes)
    if not await repository.write(unit, incident, version, **changes):
        raise StaleVersion
    if told:
        audit.record(unit, "incident.changed", "incident", [incident.id], detail=told)


async def _moved(unit: Unit, incident: Incident, action: str) -> None:
    """The reporter hears that the state moved, the record remembers who did it."""
    await outbox.emit(unit, "incidents.tell_reporters", {"incident": incident.id})
    audit.record(unit, action, "incident", [incident.id])


async def _id_with_own_code(unit: Unit, kind: str, known: Collection[Participation]) -> UUID:
    """An id whose code is nobody else's here: two people of one incident under one code would be taken for one."""
    taken = {await code_of(unit, one.kind, one.id) for one in known}
    while await code_of(unit, kind, row_id := new_id()) in taken:
        continue
    return row_id


async def _sealed(unit: Unit, text: str, column: str, owner_id: UUID) -> bytes | None:
    return await vault.seal_text(unit, tokens.typed(text), column, owner_id) if text else None


sealed, moved = _sealed, _moved
"""For the verbs of the other files of the module."""
