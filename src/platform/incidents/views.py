"""Incidents as one reader may see them: codes for people, absent fields named, names only by `names()` (S-15)."""

import base64
from datetime import datetime
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.deadlines.service import Due
from src.platform.incidents import evidence, members, repository, service, states, tokens
from src.platform.incidents import names as names_in_texts
from src.platform.incidents.models import CLASSES_OF, REPORTER_CLASSES, Incident, Interview, Participation, Report
from src.platform.incidents.repository import Tied
from src.platform.incidents.schemas import (
    Answers,
    Colleague,
    Decision,
    Heard,
    IncidentList,
    IncidentRow,
    IncidentView,
    Involved,
    Marked,
    MyReport,
    MyReports,
    ReportForm,
    ReportText,
    Step,
    ToHear,
)
from src.platform.kit.errors import Invalid, NotFound
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden

PAGE_SIZE = 50
_MY_MOST = 50
_ALWAYS_CALL = ["112", "102", "103", "111"]
_HEALTH = ("self_harm_sign", "injured_count", "injuries")
_TEXTS = ["reports", "heard", "findings", "safety_measures"]
_STATES_FOR_REPORTER = {
    "reported": "received",
    "screened": "being_checked",
    "under_investigation": "being_checked",
    "investigated": "being_checked",
    "classified": "action_taken",
    "closed": "action_taken",
}
_VERBS = {
    "triage": "incident.screen",
    "screen": "incident.screen",
    "name_person": "incident.name_people",
    "mark": "incident.name_people",
    "start_investigation": "incident.investigate",
    "finish_investigation": "incident.investigate",
    "classify": "incident.classify",
    "close": "incident.close",
    "attach": "incident.attach",
    "note_injuries": "incident.note_injuries",
    "open_original": "incident.open_original",
    "withdraw_file": "incident.withdraw_file",
    "show_readers": "incident.show_readers",
}
_STEPS = (
    ("triage", "triage"),
    ("people", "name_person"),
    ("screen", "screen"),
    ("start", "start_investigation"),
    ("hear", "finish_investigation"),
    ("finish", "finish_investigation"),
    ("classify", "classify"),
    ("close", "close"),
    ("mark", "mark"),
)


async def report_form(unit: Unit) -> ReportForm:
    """The empty report page with the numbers to call (R-260)."""
    access.require(unit, "report.submit")
    return ReportForm(emergency_numbers=await _numbers_to_call(unit))


async def _numbers_to_call(unit: Unit) -> list[str]:
    """The organisation's list; an empty one never leaves a child without a number (R-260)."""
    return await tenants.setting(unit, "emergency_numbers") or _ALWAYS_CALL


async def my_reports(unit: Unit) -> MyReports:
    """The state of my own reports, nothing else (R-057)."""
    mine: list[bytes] = (await vault.facts(unit))["mine"]  # type: ignore[assignment]  # facts() holds a list of blinds
    rows = await repository.my_reports(unit, mine, _MY_MOST)
    return MyReports(
        rows=[MyReport(received_at=at, state=_STATES_FOR_REPORTER[state]) for at, state in rows],
        emergency_numbers=await _numbers_to_call(unit),
    )


async def listing(unit: Unit, after: str | None) -> IncidentList:
    """One page of the incidents that I may see. Raises Invalid for a damaged cursor."""
    found = await repository.page(unit, after=_cursor(after), most=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    ids = [incident.id for incident in shown]
    clocks = await deadlines.of_subjects(unit, ids)
    people: dict[UUID, list[str]] = {incident_id: [] for incident_id in ids}
    for one in await repository.participations(unit, ids):
        people[one.incident_id].append(await _code(unit, one))
    rows = [
        IncidentRow(
            id=i.id,
            number=i.number,
            state=i.state,
            urgency=i.urgency,
            reported_at=i.reported_at,
            people=people[i.id],
            clock=_running(clocks[i.id]),
        )
        for i in shown
    ]
    if rows:
        audit.record(unit, "incident.listed", "incident", ids, classes={"case-sensitive"})
    return IncidentList(rows=rows, after=_after(shown[-1]) if len(found) > PAGE_SIZE else None)


async def one(unit: Unit, incident_id: UUID) -> IncidentView:
    """One incident. Raises NotFound alike for a foreign, a hidden and an unknown id (S-12)."""
    tied, classes = await _tied(unit, incident_id)
    view = await _view(unit, tied, classes, names={})
    read = classes if _may_hold_names(tied.incident, classes) else classes - access.IDENTITY
    audit.record(unit, "incident.read", "incident", [incident_id], classes=read)
    return view


async def names(unit: Unit, incident_id: UUID) -> IncidentView:
    """The same with the names that I may see: one press, one audit row with the classes (R-063)."""
    tied, classes = await _tied(unit, incident_id)
    hidden = [
        Hidden(owner_id=p.id, sealed=p.link, classes=CLASSES_OF[p.involvement])
        for p in await repository.participations(unit, [incident_id])
    ]
    hidden += [
        Hidden(owner_id=r.id, sealed=r.reporter_sealed, classes=REPORTER_CLASSES)
        for r in await repository.reports(unit, incident_id)
        if r.reporter_sealed
    ]
    opened = await vault.reveal(unit, hidden, classes, subject_kind="incident", record_id=incident_id)
    return await _view(unit, tied, classes, names=opened)


async def _tied(unit: Unit, incident_id: UUID) -> tuple[Tied, frozenset[str]]:
    tied = await repository.one(unit, incident_id, permission="incident.read")
    if tied is None:
        raise NotFound
    return tied, access.classes(unit.me, "incident.read", tied.relations)


async def _view(unit: Unit, tied: Tied, classes: frozenset[str], *, names: dict[UUID, str]) -> IncidentView:
    incident, may = tied.incident, _may(unit, tied)
    await repository.prefetch(unit, incident.id)
    people = [await _involved(unit, p, names) for p in await repository.participations(unit, [incident.id])]
    colleagues = await _colleagues(unit)
    duties = {duty.membership_id: duty.duty for duty in await repository.duties(unit, incident.id)}
    team = {member.membership_id for member in await members.team_of(unit)}
    helpers = {member.membership_id for member in await members.may_support(unit)}
    view = IncidentView(
        id=incident.id,
        number=incident.number,
        state=incident.state,
        urgency=incident.urgency,
        reported_at=incident.reported_at,
        version=incident.version,
        may=may,
        steps=[],
        people=people,
        clocks=await deadlines.of_subject(unit, incident.id),
        outcome=incident.outcome,
        decision=await _decision(unit, incident.id, colleagues),
        hidden=[] if "health" in classes else [f"answers.{name}" for name in _HEALTH],
        identities_read_at=incident.identities_read_at,
        answers=_answers(incident, classes),
        investigators=[c for c in colleagues if duties.get(c.membership_id) == "investigator"],
        supporters=[c for c in colleagues if duties.get(c.membership_id) == "support_person"],
        team=[c for c in colleagues if c.membership_id in team],
        may_support=[c for c in colleagues if c.membership_id in helpers],
        to_hear=await _to_hear(unit, incident.id, people),
    )
    view = msgspec.structs.replace(view, steps=_steps(view))
    return await _with_texts(unit, incident, view, classes, opened=names)


async def _decision(unit: Unit, incident_id: UUID, colleagues: list[Colleague]) -> Decision | None:
    held = await repository.meetings(unit, incident_id)
    if not held:
        return None
    names = [one.name for one in colleagues if one.membership_id in held[0].attended]
    return Decision(held_at=held[0].held_at, mode=held[0].mode, attended=names)


def _steps(view: IncidentView) -> list[Step]:
    done = {
        "triage": view.answers.harmed is not None,
        "people": bool(view.people),
        "hear": not view.to_hear,
        "mark": view.identities_read_at is not None,
    }
    return [Step(name, done.get(name, False)) for name, verb in _STEPS if verb in view.may]


async def _to_hear(unit: Unit, incident_id: UUID, people: list[Involved]) -> list[ToHear]:
    codes = {one.id: one.code for one in people}
    missing = await service.still_to_hear(unit, incident_id)
    return [
        ToHear(
            id=i,
            field="participation_id" if i in codes else "report_id",
            code=codes.get(i) or await vault.code(unit, "reporter", i),
        )
        for i in sorted(missing)
    ]


def _may_hold_names(incident: Incident, classes: frozenset[str]) -> bool:
    """Whether this reader gets texts that nobody has read for identities yet."""
    return incident.identities_read_at is None and classes >= access.IDENTITY


async def _with_texts(
    unit: Unit, incident: Incident, view: IncidentView, classes: frozenset[str], *, opened: dict[UUID, str]
) -> IncidentView:
    """The view with its texts. Until somebody has read them for identities, only who may read every name gets them."""
    if incident.identities_read_at is None and not _may_hold_names(incident, classes):
        return await evidence.added(unit, incident, msgspec.structs.replace(view, hidden=view.hidden + _TEXTS), classes)
    forms = await names_in_texts.forms(unit, incident.id, classes if opened else frozenset())
    reports = [await _report(unit, r, classes, forms, opened) for r in await repository.reports(unit, incident.id)]
    heard = await _heard(unit, incident.id, view, classes, forms)
    injuries = await _text(unit, incident, "injuries", forms) if "health" in classes else None
    seen = msgspec.structs.replace(
        view,
        answers=msgspec.structs.replace(view.answers, injuries=injuries),
        reports=reports,
        heard=heard,
        findings=await _text(unit, incident, "findings", forms),
        safety_measures=await _text(unit, incident, "safety_measures", forms),
        marked=[Marked(id=i, shown_as=form) for i, form in forms.items()] if classes >= access.IDENTITY else [],
        hidden=view.hidden + _hidden(classes, heard),
    )
    return await evidence.added(unit, incident, seen, classes, forms)


async def _report(
    unit: Unit, report: Report, classes: frozenset[str], forms: dict[UUID, str], opened: dict[UUID, str]
) -> ReportText:
    is_open = classes >= REPORTER_CLASSES
    return ReportText(
        id=report.id,
        received_at=report.received_at,
        channel=report.channel,
        harmed=report.harmed,
        harm_danger=report.harm_danger,
        place=report.place,
        description=await _text(unit, report, "description", forms) or "",
        who=await _text(unit, report, "who", forms) or "",
        happened=await _text(unit, report, "happened", forms) or "",
        reporter=await vault.code(unit, "reporter", report.id) if report.reporter_sealed else None,
        reporter_status=report.reporter_status if is_open else None,
        reporter_name=opened.get(report.id),
    )


async def _heard(
    unit: Unit, incident_id: UUID, view: IncidentView, classes: frozenset[str], forms: dict[UUID, str]
) -> list[Heard]:
    people = {person.id: person for person in view.people}
    found = []
    for talk in await repository.interviews(unit, incident_id):
        person = people.get(talk.participation_id) if talk.participation_id else None
        needed = CLASSES_OF[person.involvement] if person else REPORTER_CLASSES
        found.append(
            Heard(
                id=talk.id,
                code=person.code if person else await vault.code(unit, "reporter", talk.report_id or talk.id),
                held_at=talk.held_at,
                waiver=talk.waiver,
                notes=await _notes(unit, talk, forms) if needed <= classes else None,
            )
        )
    return found


async def _notes(unit: Unit, talk: Interview, forms: dict[UUID, str]) -> str:
    return await _text(unit, talk, "notes", forms) or ""


async def _text(unit: Unit, row: Incident | Report | Interview, name: str, forms: dict[UUID, str]) -> str | None:
    sealed: bytes | None = getattr(row, name)
    column = f"{row.__tablename__}.{name}"
    return tokens.shown(await vault.open_text(unit, sealed, column, row.id), forms) if sealed else None


def _hidden(classes: frozenset[str], heard: list[Heard]) -> list[str]:
    hidden = [] if classes >= REPORTER_CLASSES else ["reports.reporter_status"]
    return hidden + (["heard.notes"] if any(talk.notes is None for talk in heard) else [])


def _answers(incident: Incident, classes: frozenset[str]) -> Answers:
    """Harm and medical help are case-sensitive, their details are health (decisions 14)."""
    open_to_me = {name: getattr(incident, name) for name in Answers.__struct_fields__ if name not in _HEALTH}
    if "health" not in classes:
        return Answers(**open_to_me)
    return Answers(**open_to_me, self_harm_sign=incident.self_harm_sign, injured_count=incident.injured_count)


async def _involved(unit: Unit, person: Participation, names: dict[UUID, str]) -> Involved:
    return Involved(
        id=person.id,
        code=await _code(unit, person),
        involvement=person.involvement,
        kind=person.kind,
        risk_level=person.risk_level,
        name=names.get(person.id),
    )


async def _code(unit: Unit, person: Participation) -> str:
    return await service.code_of(unit, person.kind, person.id)


async def _colleagues(unit: Unit) -> list[Colleague]:
    members = await tenants.members(unit)
    known = await vault.staff_names(unit, [m.person_id for m in members])
    return [Colleague(membership_id=m.membership_id, name=known.get(m.person_id, "")) for m in members]


def _may(unit: Unit, tied: Tied) -> list[str]:
    possible = states.events_of(tied.incident.state) | ({"triage"} if tied.incident.state == "reported" else set())
    if tied.incident.state in states.OPEN_FOR_PEOPLE:
        possible = possible | {"name_person"}
    if access.classes(unit.me, "incident.read", tied.relations) >= access.IDENTITY:
        possible = possible | {"mark"}
    if tied.incident.state != "closed":
        possible = possible | {"attach", "note_injuries"}
    possible = possible | {"show_readers", "open_original", "withdraw_file"}
    return sorted(v for v in possible if v in _VERBS and access.may(unit.me, _VERBS[v], tied.relations))


def _running(clocks: list[Due]) -> Due | None:
    return next((due for due in clocks if due.state in ("open", "amber", "overdue")), None)


def _after(incident: Incident) -> str:
    raw = f"{incident.reported_at.isoformat()}|{incident.id}"
    return base64.urlsafe_b64encode(raw.encode()).decode()


def _cursor(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    try:
        at, _, incident_id = base64.urlsafe_b64decode(after.encode()).decode().partition("|")
        return datetime.fromisoformat(at), UUID(incident_id)
    except ValueError:
        raise Invalid(code="page.damaged_cursor") from None
