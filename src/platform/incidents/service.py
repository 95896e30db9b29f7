"""Verbs of process (a). Each: load through the scope and lock, allowed?, state table, change, outbox, audit last."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import events, members, readers, repository, states, tokens
from src.platform.incidents.errors import (
    AlreadyNamedError,
    InterviewsMissingError,
    MedicalHelpMissingError,
    NamedPersonError,
    NotFullTeamError,
    SafetyMissingError,
    UrgencyLoweredError,
    WrongStateError,
)
from src.platform.incidents.events import ChildOfIncident
from src.platform.incidents.models import Incident, Interview, Participation, Report, TeamMeeting
from src.platform.incidents.repository import Tied
from src.platform.incidents.schemas import NewReport, Triage
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.vault import service as vault

_NOT_BY_NAMED = frozenset({"incident.investigate", "incident.classify"})  # decisions 18
SCREEN_CLOCKS = {"urgent": "clk_screen_urgent", "standard": "clk_screen_standard"}
_INVOLVED = frozenset({"alleged_offender", "victim", "both"})
_VICTIMS = frozenset({"victim", "both"})
_SIDES = {"victim": "victim", "alleged_offender": "offender", "both": "both"}
_NEEDS_A_CASE = frozenset({"at_risk", "high_risk"})


async def report(unit: Unit, new: NewReport) -> UUID:
    """Take a staff member's report; the clock runs from this moment (R-030, R-259). The reporter is sealed."""
    access.require(unit, "report.submit")
    at, report_id = clock.now(), new_id()
    urgency = "standard" if new.harmed == new.harm_danger == "no" else "urgent"
    answered = "yes" in (new.harmed, new.harm_danger)  # anything else is provisional
    incident = await repository.add_numbered(
        unit,
        lambda number: Incident(
            tenant_id=unit.tenant_id,
            id=new_id(),
            number=number,
            state="reported",
            urgency=urgency,
            urgency_answered=answered,
            reported_at=at,
            version=1,
        ),
    )
    link = await vault.seal_link(unit, unit.me.person_id, report_id)
    unit.session.add(
        Report(
            tenant_id=unit.tenant_id,
            id=report_id,
            incident_id=incident.id,
            received_at=at,
            channel="staff",
            description=await _sealed(unit, new.description, "report.description", report_id),
            who=await _sealed(unit, new.who, "report.who", report_id),
            happened=await _sealed(unit, new.happened, "report.happened", report_id),
            place=new.place,
            harmed=new.harmed,
            harm_danger=new.harm_danger,
            reporter_sealed=link.sealed,
            reporter_blind=link.blind,
            reporter_status=new.reporter_status,
        )
    )
    await deadlines.start(unit, SCREEN_CLOCKS[urgency], "incident", incident.id, at)
    await outbox.emit(unit, "incidents.tell_team", {"incident": incident.id})
    audit.record(unit, "report.submitted", "incident", [incident.id], sealed_actor=link.sealed)
    return incident.id


async def triage(unit: Unit, incident_id: UUID, version: int, answers: Triage) -> None:
    """Complete D-1. The first answer may end a provisional urgency, none lowers an answered one (R-038, R-257)."""
    incident = await for_verb(unit, incident_id, "incident.screen")
    if incident.state != "reported":
        raise WrongStateError
    if answers.happened_on and answers.happened_on > clock.local_date(incident.reported_at):
        message = N_("The incident cannot be later than the report about it")
        raise Invalid(fields=[FieldError("happened_on", "after_report", message)])
    urgency = "urgent" if answers.harmed or answers.harm_danger or answers.self_harm_sign else "standard"
    if urgency == "standard" and incident.urgency == "urgent" and incident.urgency_answered:
        raise UrgencyLoweredError
    known = {name: value for name, value in msgspec.structs.asdict(answers).items() if value not in (None, [], "")}
    known["self_harm_sign"] = bool(answers.self_harm_sign or incident.self_harm_sign)  # a sign is never taken back
    if answers.injuries:
        known |= {
            "injuries": await _sealed(unit, answers.injuries, "incident.injuries", incident.id),
            "identities_read_at": None,
        }
    await write(unit, incident, version, urgency=urgency, urgency_answered=True, **known)
    if urgency != incident.urgency:
        await deadlines.cancel(unit, SCREEN_CLOCKS[incident.urgency], incident.id)
        await deadlines.start(unit, SCREEN_CLOCKS[urgency], "incident", incident.id, incident.reported_at)
    if answers.self_harm_sign and not incident.self_harm_sign:
        await outbox.emit(unit, "incidents.tell_counsellors", {"incident": incident.id})
    audit.record(unit, "incident.triaged", "incident", [incident.id], detail={"urgency": urgency})


async def name_person(unit: Unit, incident_id: UUID, person_id: UUID, involvement: str, kind: str) -> UUID:
    """Name a person of the roster in an incident; a named colleague loses all access at once (R-064)."""
    incident = await for_verb(unit, incident_id, "incident.name_people")
    if incident.state not in states.OPEN_FOR_PEOPLE:
        raise WrongStateError
    if not await vault.exists(unit, person_id):
        raise NotFound
    known = await repository.participations(unit, [incident.id])
    row_id = await _id_with_own_code(unit, kind, known)
    link = await vault.seal_link(unit, person_id, row_id)
    if any(one.link_blind == link.blind for one in known):
        raise AlreadyNamedError
    unit.session.add(
        Participation(
            tenant_id=unit.tenant_id,
            id=row_id,
            incident_id=incident.id,
            involvement=involvement,
            kind=kind,
            link=link.sealed,
            link_blind=link.blind,
            added_at=clock.now(),
            version=1,
        )
    )
    await outbox.emit(unit, "incidents.look_for_conflicts", {"incident": incident.id, "participation": row_id})
    audit.record(unit, "incident.person_named", "incident", [incident.id, row_id], detail={"involvement": involvement})
    return row_id


async def screen(
    unit: Unit, incident_id: UUID, version: int, *, investigators: Collection[UUID], support: UUID | None = None
) -> None:
    """The team has looked at the report together and named who investigates (R-037, R-078)."""
    incident = await for_verb(unit, incident_id, "incident.screen")
    after = states.advance(incident.state, "screen")
    if await _is_hurt(unit, incident) and incident.sent_to_medical is None:
        raise MedicalHelpMissingError
    chosen = {*investigators, *([support] if support else [])}
    if support in set(investigators):
        message = N_("The support person is not an investigator")
        raise Invalid(fields=[FieldError("support", "is_investigator", message)])
    team = {member.membership_id: member for member in await members.team_of(unit)}
    helpers = {member.membership_id: member for member in await members.may_support(unit)}
    if not set(investigators) <= team.keys() or not chosen <= team.keys() | helpers.keys():
        raise Invalid(fields=[FieldError("investigators", "not_in_team", N_("Choose members of the team"))])
    appointed = [(team | helpers)[one] for one in chosen]
    if await members.named_among(unit, incident.id, appointed):
        raise NamedPersonError
    await write(unit, incident, version, state=after, screened_at=clock.now(), urgency_answered=True)
    for one in chosen:
        await repository.set_duty(unit, incident.id, one, "support_person" if one == support else "investigator")
    if len(await readers.may_read(unit, appointed, incident.id)) < len(appointed):
        raise NamedPersonError  # a relative of somebody named: the conflict outweighs the duty
    await deadlines.meet(unit, SCREEN_CLOCKS[incident.urgency], incident.id, clock.now())
    await notifications.notify(unit, chosen - {unit.me.membership_id}, "duty_given", "incident", incident.id)
    await _moved(unit, incident, "incident.screened")


async def start_investigation(unit: Unit, incident_id: UUID, version: int) -> None:
    """The talks begin; the clock of one to two days runs (R-039)."""
    incident = await for_verb(unit, incident_id, "incident.investigate")
    after = states.advance(incident.state, "start_investigation")
    at = clock.now()
    await write(unit, incident, version, state=after, investigation_started_at=at)
    first = next(
        (d.membership_id for d in await repository.duties(unit, incident.id) if d.duty == "investigator"), None
    )
    await deadlines.start(unit, "clk_investigation", "incident", incident.id, at, responsible=first)
    await _moved(unit, incident, "incident.investigation_started")


async def hear(
    unit: Unit,
    incident_id: UUID,
    *,
    participation_id: UUID | None = None,
    report_id: UUID | None = None,
    held_at: datetime | None = None,
    notes: str = "",
    waiver: str | None = None,
) -> None:
    """Record a talk with exactly one person and its time, or why there was none (R-040 … R-042)."""
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
    row_id = new_id()
    unit.session.add(
        Interview(
            tenant_id=unit.tenant_id,
            id=row_id,
            incident_id=incident.id,
            participation_id=participation_id,
            report_id=report_id,
            held_at=held_at,
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
    await deadlines.meet(unit, "clk_investigation", incident.id, at)
    await deadlines.start(unit, "clk_team_classification", "incident", incident.id, at)
    await _moved(unit, incident, "incident.investigated")


async def classify(
    unit: Unit,
    incident_id: UUID,
    version: int,
    *,
    held_at: datetime,
    attended: Collection[UUID],
    outcome: str,
    levels: Mapping[UUID, str],
    safety_measures: str,
    mode: str = "consensus",
) -> None:
    """The full team decides: outcome, and a risk level for every child directly involved (R-043 … R-045)."""
    incident = await for_verb(unit, incident_id, "incident.classify")
    after = states.advance(incident.state, "classify")
    invited = await members.free_members(unit, incident.id)
    present = invited & set(attended)
    if len(present) * 2 <= len(invited):
        raise NotFullTeamError
    people = await repository.participations(unit, [incident.id])
    _check_levels(people, levels)
    meeting = TeamMeeting(
        tenant_id=unit.tenant_id,
        id=new_id(),
        incident_id=incident.id,
        held_at=held_at,
        mode=mode,
        invited=sorted(invited),
        attended=sorted(present),
    )
    unit.session.add(meeting)
    for person in people:
        if person.id in levels:
            person.risk_level, person.version = levels[person.id], person.version + 1
    at = clock.now()
    changes = {
        "safety_measures": await _sealed(unit, safety_measures, "incident.safety_measures", incident.id),
        "identities_read_at": None,
    }
    await write(unit, incident, version, state=after, classified_at=at, outcome=outcome, **changes)
    await deadlines.meet(unit, "clk_team_classification", incident.id, at)
    await outbox.emit(unit, events.CLASSIFIED, {"incident": incident.id})
    await _moved(unit, incident, "incident.classified")


async def close(unit: Unit, incident_id: UUID, version: int) -> None:
    """All decisions have an owner; no victim is left without written protection (R-047)."""
    incident = await for_verb(unit, incident_id, "incident.close")
    after = states.advance(incident.state, "close")
    people = await repository.participations(unit, [incident.id])
    if incident.safety_measures is None and any(one.involvement in _VICTIMS for one in people):
        raise SafetyMissingError
    await write(unit, incident, version, state=after, closed_at=clock.now())
    await _moved(unit, incident, "incident.closed")


async def children_for_cases(unit: Unit, incident_id: UUID) -> list[ChildOfIncident]:
    """Children that need a case: at risk, high risk, or a victim whatever the level (R-046, R-263)."""
    return [
        ChildOfIncident(one.id, _SIDES[one.involvement], one.link)
        for one in await repository.participations(unit, [incident_id])
        if one.kind == "student"
        and one.involvement in _SIDES
        and (one.involvement in _VICTIMS or one.risk_level in _NEEDS_A_CASE)
    ]


async def code_of(unit: Unit, kind: str, participation_id: UUID) -> str:
    """The code of a person of one of our kinds in one incident (decisions 14)."""
    return await vault.code(unit, "child" if kind == "student" else "adult", participation_id)


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


async def _is_hurt(unit: Unit, incident: Incident) -> bool:
    """What the team answered, else what the reporters did."""
    if incident.harmed is not None:
        return incident.harmed
    return any(report.harmed == "yes" for report in await repository.reports(unit, incident.id))


def _check_levels(people: Collection[Participation], levels: Mapping[UUID, str]) -> None:
    wanted = {p.id for p in people if p.kind == "student" and p.involvement in _INVOLVED}
    missing = [
        FieldError(f"level-{i}", "required", N_("Set a level for every child involved")) for i in wanted - levels.keys()
    ]
    if missing or levels.keys() - wanted:
        raise Invalid(fields=missing)


async def for_verb(unit: Unit, incident_id: UUID, permission: str) -> Incident:
    """The incident, locked, if this person may read it and do the verb, and does not stand in it (R-064)."""
    return (await tied_for_verb(unit, incident_id, permission)).incident


async def tied_for_verb(unit: Unit, incident_id: UUID, permission: str) -> Tied:
    """The same with the relations that tie the person to it."""
    tied = await repository.one(unit, incident_id, permission="incident.read", lock=True)
    if tied is None:
        raise NotFound
    access.demand(unit.me, permission, tied.relations, reading="incident.read")
    if permission in _NOT_BY_NAMED and {"own_report", "witness"} & set(tied.relations):
        raise NamedPersonError
    return tied


async def write(unit: Unit, incident: Incident, version: int, **changes: object) -> None:
    """Change the incident. Raises StaleVersion when somebody did since `version`."""
    if not await repository.write(unit, incident, version, **changes):
        raise StaleVersion


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
