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
from src.platform.incidents import repository, service, states
from src.platform.incidents.models import Incident, Participation, Report
from src.platform.incidents.repository import Tied
from src.platform.incidents.schemas import (
    Colleague,
    IncidentList,
    IncidentRow,
    IncidentView,
    Involved,
    MyReport,
    MyReports,
    ReportForm,
    ReportText,
    ToHear,
)
from src.platform.kit.errors import Invalid, NotFound
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.schemas import Found, Hidden

PAGE_SIZE = 50
_MY_MOST = 50
_CLASSES = {
    "victim": frozenset({"identity-victim"}),
    "alleged_offender": frozenset({"identity-offender"}),
    "both": frozenset({"identity-victim", "identity-offender"}),
    "witness": frozenset({"identity-witness"}),
}
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
    "start_investigation": "incident.investigate",
    "finish_investigation": "incident.investigate",
    "classify": "incident.classify",
    "close": "incident.close",
}


async def report_form(unit: Unit) -> ReportForm:
    """The empty report page with the numbers to call (R-260)."""
    access.require(unit, "report.submit")
    return ReportForm(emergency_numbers=await tenants.setting(unit, "emergency_numbers"))


async def my_reports(unit: Unit) -> MyReports:
    """The state of my own reports, nothing else (R-057)."""
    mine: list[bytes] = (await vault.facts(unit))["mine"]  # type: ignore[assignment]  # facts() holds a list of blinds
    rows = await repository.my_reports(unit, mine, _MY_MOST)
    return MyReports(
        rows=[MyReport(received_at=at, state=_STATES_FOR_REPORTER[state]) for at, state in rows],
        emergency_numbers=await tenants.setting(unit, "emergency_numbers"),
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


async def one(unit: Unit, incident_id: UUID, *, found: list[Found] | None = None) -> IncidentView:
    """One incident. Raises NotFound alike for a foreign, a hidden and an unknown id (S-12)."""
    tied = await _tied(unit, incident_id)
    classes = access.classes(unit.me, "incident.read", tied.relations)
    view = await _view(unit, tied, classes, names={}, found=found or [])
    audit.record(unit, "incident.read", "incident", [incident_id], classes=classes - access.IDENTITY)
    return view


async def names(unit: Unit, incident_id: UUID) -> IncidentView:
    """The same with the names that I may see: one press, one audit row with the classes (R-063)."""
    tied = await _tied(unit, incident_id)
    classes = access.classes(unit.me, "incident.read", tied.relations)
    hidden = [
        Hidden(owner_id=p.id, sealed=p.link, classes=_CLASSES[p.involvement])
        for p in await repository.participations(unit, [incident_id])
    ]
    opened = await vault.reveal(unit, hidden, classes, subject_kind="incident", record_id=incident_id)
    return await _view(unit, tied, classes, names=opened, found=[])


async def _tied(unit: Unit, incident_id: UUID) -> Tied:
    tied = await repository.one(unit, incident_id, permission="incident.read")
    if tied is None:
        raise NotFound
    return tied


async def _view(
    unit: Unit, tied: Tied, classes: frozenset[str], *, names: dict[UUID, str], found: list[Found]
) -> IncidentView:
    incident = tied.incident
    whole = classes >= access.IDENTITY  # a narrative may hold any name (decisions 15)
    people = [await _involved(unit, p, names) for p in await repository.participations(unit, [incident.id])]
    colleagues = await _colleagues(unit)
    duties = {duty.membership_id for duty in await repository.duties(unit, incident.id) if duty.duty == "investigator"}
    team = {member.membership_id for member in await service.team_of(unit)}
    view = IncidentView(
        id=incident.id,
        number=incident.number,
        state=incident.state,
        urgency=incident.urgency,
        reported_at=incident.reported_at,
        version=incident.version,
        may=_may(unit, tied),
        people=people,
        clocks=await deadlines.of_subject(unit, incident.id),
        outcome=incident.outcome,
        hidden=[] if whole else ["reports", "findings", "safety_measures"],
        investigators=[c for c in colleagues if c.membership_id in duties],
        team=[c for c in colleagues if c.membership_id in team],
        found=found,
        to_hear=await _to_hear(unit, incident.id, people),
    )
    return await _with_texts(unit, incident, view) if whole else view


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


async def _with_texts(unit: Unit, incident: Incident, view: IncidentView) -> IncidentView:
    reports = [await _text(unit, report) for report in await repository.reports(unit, incident.id)]
    findings = await vault.open_text(unit, incident.findings, incident.id) if incident.findings else None
    measures = await vault.open_text(unit, incident.safety_measures, incident.id) if incident.safety_measures else None
    return msgspec.structs.replace(view, reports=reports, findings=findings, safety_measures=measures)


async def _text(unit: Unit, report: Report) -> ReportText:
    opened = {
        name: await vault.open_text(unit, sealed, report.id) if (sealed := getattr(report, name)) else ""
        for name in ("description", "who", "happened")
    }
    return ReportText(
        received_at=report.received_at,
        channel=report.channel,
        harmed=report.harmed,
        harm_danger=report.harm_danger,
        place=report.place,
        **opened,
    )


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
    return await vault.code(unit, "child" if person.kind == "student" else "adult", person.id)


async def _colleagues(unit: Unit) -> list[Colleague]:
    members = await tenants.members(unit)
    known = await vault.staff_names(unit, [m.person_id for m in members])
    return [Colleague(membership_id=m.membership_id, name=known.get(m.person_id, "")) for m in members]


def _may(unit: Unit, tied: Tied) -> list[str]:
    possible = states.events_of(tied.incident.state) | ({"triage"} if tied.incident.state == "reported" else set())
    if tied.incident.state in states.OPEN_FOR_PEOPLE:
        possible = possible | {"name_person"}
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
