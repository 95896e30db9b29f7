"""Incidents as one reader may see them: codes for people, absent fields named, names only by `names()` (S-15)."""

from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import members, repository, service, states, told
from src.platform.incidents import names as names_in_texts
from src.platform.incidents.evidence import views as evidence
from src.platform.incidents.models import (
    CLASSES_OF,
    OFFENDER_CLASSES,
    REPORTER_CLASSES,
    Incident,
    Participation,
)
from src.platform.incidents.repository import Tied
from src.platform.incidents.schemas import (
    Answers,
    Colleague,
    Decision,
    Heard,
    IncidentView,
    Involved,
    Marked,
    Step,
    ToHear,
)
from src.platform.incidents.triage import pranks, questions
from src.platform.incidents.triage import views as triage_views
from src.platform.incidents.turns import amending, repeats
from src.platform.incidents.turns import fitting as turns
from src.platform.incidents.turns import views as turn_views
from src.platform.kit.errors import NotFound
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.schemas import Hidden

_HEALTH = ("self_harm_sign", "injured_count", "injured_names", "injuries", "medical_where")
_TEXT_ANSWERS = frozenset({"behaviour_other", "received_by"})
_ASKED = ("harmed", "happened_on", "place", "problem_behaviours", "repetition")
"""What Form D wants before screening; nothing that is missing stops anything (forms.md D)."""
_TEXTS = [
    *("reports", "heard", "answers.behaviour_other", "findings", "safety_measures", "decision.minutes", "changes"),
    "additional_info",
]
_VERBS = {
    "triage": "incident.screen",
    "screen": "incident.screen",
    "name_person": "incident.name_people",
    "mark": "incident.name_people",
    "start_investigation": "incident.investigate",
    "finish_investigation": "incident.investigate",
    "classify": "incident.classify",
    "close": "incident.close",
    "worsen": "incident.screen",
    "link": "incident.screen",
    "unlink": "incident.screen",
    "forward": "incident.forward",
    "refer": "incident.refer",
    "prepare_help": "incident.prepare_help",
    "waive_forwarding": "incident.waive_forwarding",
    "record_contact": "incident.counsel",
    "council": "incident.call_council",
    "inform_parents": "incident.inform_parents",
    "replace": "incident.screen",
    "measures": "incident.take_measures",
    "secondary": "incident.classify",
    "reconcile": "incident.reconcile",
    "reopen": "incident.reopen",
    "describe": "incident.name_people",
    "amend_findings": "incident.investigate",
    "amend_decision": "incident.classify",
    "ask_nurse": "incident.ask_nurse",
    "attach": "incident.attach",
    "note_injuries": "incident.note_injuries",
    "open_original": "incident.open_original",
    "withdraw_file": "incident.withdraw_file",
    "show_readers": "incident.show_readers",
    "tell_parents": "incident.tell_parents",
    "protect": "incident.protect",
    "ask": "incident.ask",
    "prank": "incident.investigate",
}
_STEPS = (
    ("forward", "forward"),
    ("council", "council"),
    ("triage", "triage"),
    ("people", "name_person"),
    ("roles", "describe"),
    ("nurse", "ask_nurse"),
    ("screen", "screen"),
    ("start", "start_investigation"),
    ("hear", "finish_investigation"),
    ("finish", "finish_investigation"),
    ("classify", "classify"),
    ("secondary", "secondary"),
    ("measures", "measures"),
    ("close", "close"),
    ("mark", "mark"),
    ("worsen", "worsen"),
    ("link", "link"),
    ("replace", "replace"),
    ("reconcile", "reconcile"),
    ("amend", "amend_findings"),
    ("amend", "amend_decision"),
    ("reopen", "reopen"),
)


async def one(unit: Unit, incident_id: UUID) -> IncidentView:
    """One incident. Raises NotFound alike for a foreign, a hidden and an unknown id (S-12)."""
    view, read = await cut(unit, incident_id, with_names=False)
    audit.record(unit, "incident.read", "incident", [incident_id], classes=read)
    return view


async def names(unit: Unit, incident_id: UUID) -> IncidentView:
    """The same with the names that I may see: one press, one audit row with the classes (R-063)."""
    return (await cut(unit, incident_id, with_names=True))[0]


async def cut(unit: Unit, incident_id: UUID, *, with_names: bool) -> tuple[IncidentView, frozenset[str]]:
    """One incident cut for its reader, and the classes that are in it; the caller writes the audit row of the read.

    Names come through the vault, which writes its own. Raises NotFound.
    """
    found, classes = await tied(unit, incident_id)
    opened = await _names(unit, incident_id, classes) if with_names else {}
    holds_names = bool(opened) or _may_hold_names(found.incident, classes)
    read = classes if holds_names else classes - access.IDENTITY
    view = await _view(unit, found, classes, names=opened)
    if view.reports:
        await questions.note_read(unit, found)
    return view, read


async def _names(unit: Unit, incident_id: UUID, classes: frozenset[str]) -> dict[UUID, str]:
    hidden = [
        Hidden(owner_id=p.id, sealed=p.link, classes=CLASSES_OF[p.involvement])
        for p in await repository.participations(unit, [incident_id])
    ]
    hidden += [
        Hidden(owner_id=r.id, sealed=r.reporter_sealed, classes=REPORTER_CLASSES)
        for r in await repository.reports(unit, incident_id)
        if r.reporter_sealed
    ]
    return await vault.reveal(unit, hidden, classes, subject_kind="incident", record_id=incident_id)


async def tied(unit: Unit, incident_id: UUID) -> tuple[Tied, frozenset[str]]:
    """One incident with the classes that it opens to its reader. Raises NotFound."""
    found = await repository.one(unit, incident_id, permission="incident.read")
    if found is None:
        raise NotFound
    return found, access.classes(unit.me, "incident.read", found.relations)


def shows_texts(incident: Incident, classes: frozenset[str]) -> bool:
    """Whether a reader gets texts, and with them hears of talks, at all."""
    return incident.identities_read_at is not None or _may_hold_names(incident, classes)


async def _view(unit: Unit, tied: Tied, classes: frozenset[str], *, names: dict[UUID, str]) -> IncidentView:
    incident = tied.incident
    await repository.prefetch(unit, incident)
    named = await repository.participations(unit, [incident.id])
    marks = await repeats.shown(unit, incident, named)
    may = await _may(unit, tied, classes, named, marks)
    people = [await _involved(unit, p, names, marks, classes) for p in named]
    colleagues = await _colleagues(unit)
    duties = {duty.membership_id: duty.duty for duty in await repository.duties(unit, incident.id)}
    team = {member.membership_id for member in await members.team_of(unit)}
    helpers = {member.membership_id for member in await members.may_support(unit)}
    nurses = {member.membership_id for member in await members.holders(unit, "incident.care")}
    view = IncidentView(
        id=incident.id,
        number=incident.number,
        state=incident.state,
        urgency=incident.urgency,
        reported_at=incident.reported_at,
        investigation_started_at=incident.investigation_started_at,
        investigation_ended_at=incident.investigation_ended_at,
        version=incident.version,
        may=may,
        steps=[],
        people=people,
        clocks=deadlines.open_to(await deadlines.of_subject(unit, incident.id), classes),
        outcome=incident.outcome,
        rounds=incident.rounds,
        staff_measures_at=incident.staff_measures_at,
        council_planned_for=incident.council_planned_for,
        council_called_at=incident.council_called_at,
        decision=await _decision(unit, incident.id, colleagues),
        agenda=await turn_views.agenda(unit, incident.id, colleagues) if "classify" in may else None,
        hidden=[] if "health" in classes else [f"answers.{name}" for name in _HEALTH],
        identities_read_at=incident.identities_read_at,
        answers=_answers(incident, classes, colleagues),
        investigators=[c for c in colleagues if duties.get(c.membership_id) == "investigator"],
        supporters=[c for c in colleagues if duties.get(c.membership_id) == "support_person"],
        nurses=[c for c in colleagues if c.membership_id in nurses] if "ask_nurse" in may else [],
        asked_nurses=[c for c in colleagues if duties.get(c.membership_id) == "nurse"],
        team=[c for c in colleagues if c.membership_id in team],
        may_support=[c for c in colleagues if c.membership_id in helpers],
        to_hear=await _to_hear(unit, incident.id, people),
    )
    view = await _with_triage(unit, tied, view, colleagues, classes)
    missing = [name for name in _ASKED if getattr(view.answers, name) in (None, [])]
    view = msgspec.structs.replace(view, steps=_steps(view), missing=missing if "screen" in view.may else [])
    if incident.state == states.LINKED:  # all that it had is at the other one
        return msgspec.structs.replace(view, people=[], to_hear=[], hidden=[])
    return await _with_texts(unit, incident, view, classes, opened=names)


async def _with_triage(
    unit: Unit, tied: Tied, view: IncidentView, colleagues: list[Colleague], classes: frozenset[str]
) -> IncidentView:
    incident = tied.incident
    there, here = await triage_views.beside(unit, incident)
    told = await triage_views.forwarded(unit, incident, colleagues)
    return msgspec.structs.replace(
        view,
        linked_into=there,
        linked=here,
        similar=await triage_views.similar(unit, incident) if "link" in view.may else [],
        forwarded=told,
        waivers=await triage_views.waivers(unit, incident, colleagues, classes),
        left_to_police=triage_views.is_left_to_police(incident, told),
        without_parents=await triage_views.without_parents(unit, incident),
    )


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
        "screen": view.state != "reported",
        "hear": not view.to_hear,
        "mark": view.identities_read_at is not None,
        "worsen": True,
        "link": True,
        "measures": view.staff_measures_at is not None,
        **dict.fromkeys(("replace", "reconcile", "reopen", "amend", "nurse", "roles"), True),
    }
    open_now = dict.fromkeys(name for name, verb in _STEPS if verb in view.may)
    return [Step(name, done.get(name, False)) for name in open_now]


async def _to_hear(unit: Unit, incident_id: UUID, people: list[Involved]) -> list[ToHear]:
    codes = {one.id: one.code for one in people}
    victims = {one.id for one in people if one.involvement in ("victim", "both")}
    missing = await service.still_to_hear(unit, incident_id)
    return [
        ToHear(
            id=i,
            field="participation_id" if i in codes else "report_id",
            code=codes.get(i) or await vault.code(unit, "reporter", i),
            is_victim=i in victims,
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
    if not shows_texts(incident, classes):
        return await evidence.added(unit, incident, msgspec.structs.replace(view, hidden=view.hidden + _TEXTS), classes)
    forms = await names_in_texts.forms(unit, incident.id, classes if opened else frozenset())
    said = await repository.messages(unit, incident.id)
    reports = [
        await told.report(unit, r, [one for one in said if one.report_id == r.id], classes, forms, opened)
        for r in await repository.reports(unit, incident.id)
    ]
    heard = await told.heard(unit, incident.id, view, classes, forms)
    sees_health = "health" in classes
    about_staff = classes >= OFFENDER_CLASSES
    measures = await turn_views.text(unit, incident, "staff_measures", forms) if about_staff else None
    hidden = view.hidden + ([] if about_staff or incident.staff_measures is None else ["staff_measures"])
    answers = msgspec.structs.replace(
        view.answers,
        behaviour_other=await turn_views.text(unit, incident, "behaviour_other", forms),
        injuries=await turn_views.text(unit, incident, "injuries", forms) if sees_health else None,
        medical_where=await turn_views.text(unit, incident, "medical_where", forms) if sees_health else None,
    )
    seen = msgspec.structs.replace(
        view,
        answers=answers,
        reports=reports,
        heard=heard,
        findings=await turn_views.text(unit, incident, "findings", forms),
        staff_measures=measures,
        decision=await turn_views.with_minutes(unit, incident.id, view.decision, classes, forms),
        changes=await turn_views.changes(unit, incident.id, forms),
        reconciliations=await turn_views.reconciliations(unit, incident.id, view, classes, forms),
        safety_measures=await turn_views.text(unit, incident, "safety_measures", forms),
        additional_info=await turn_views.text(unit, incident, "additional_info", forms),
        marked=[Marked(id=i, shown_as=form) for i, form in forms.items()] if classes >= access.IDENTITY else [],
        hidden=hidden + _hidden(classes, heard),
    )
    return await evidence.added(unit, incident, seen, classes, forms)


def _hidden(classes: frozenset[str], heard: list[Heard]) -> list[str]:
    hidden = [] if classes >= REPORTER_CLASSES else ["reports.reporter_status"]
    return hidden + (["heard.notes"] if any(talk.notes is None for talk in heard) else [])


def _answers(incident: Incident, classes: frozenset[str], colleagues: list[Colleague]) -> Answers:
    """Harm and medical help are case-sensitive, their details are health (decisions 14); texts come later."""
    later = {*_HEALTH, *_TEXT_ANSWERS}
    open_to_me = {name: getattr(incident, name) for name in Answers.__struct_fields__ if name not in later}
    open_to_me["received_by"] = next((one.name for one in colleagues if one.membership_id == incident.received_by), "")
    if "health" not in classes:
        return Answers(**open_to_me)
    return Answers(**open_to_me, self_harm_sign=incident.self_harm_sign, injured_count=incident.injured_count)


async def _involved(
    unit: Unit, person: Participation, names: dict[UUID, str], marks: dict[UUID, str], classes: frozenset[str]
) -> Involved:
    return Involved(
        id=person.id,
        code=await _code(unit, person),
        involvement=person.involvement,
        kind=person.kind,
        risk_level=person.risk_level,
        secondary=marks.get(person.id),
        name=names.get(person.id),
        role=person.role,
        injured=person.injured if "health" in classes else None,
        parents_informed=person.parents_informed,
        parents_informed_at=person.parents_informed_at,
        parents_not_informed=person.parents_not_informed is not None,
    )


async def _code(unit: Unit, person: Participation) -> str:
    return await service.code_of(unit, person.kind, person.id)


async def _colleagues(unit: Unit) -> list[Colleague]:
    members = await tenants.members(unit)
    known = await vault.staff_names(unit, [m.person_id for m in members])
    return [Colleague(membership_id=m.membership_id, name=known.get(m.person_id, "")) for m in members]


async def _may(
    unit: Unit, tied: Tied, classes: frozenset[str], people: list[Participation], marks: dict[UUID, str]
) -> list[str]:
    incident = tied.incident
    possible = states.events_of(incident.state) | turns.possible(incident, people, marks)
    possible = possible | await triage_views.possible(unit, tied, classes) | {"tell_parents"}
    if incident.state != states.LINKED:
        possible = possible | {"protect"}
    if incident.state not in ("closed", states.LINKED):
        prepares = access.may_enter(unit.me, _VERBS["prepare_help"])
        possible = possible | {"refer"} | ({"prepare_help"} if prepares else set())
    if classes >= access.IDENTITY and incident.state != states.LINKED:
        possible = possible | {"mark"}
    if incident.state not in ("closed", states.LINKED):
        possible = possible | {"ask", "attach", "note_injuries"} | amending.possible(incident)
        possible = possible | ({"ask_nurse"} if await members.holders(unit, "incident.care") else set())
        possible = possible | ({"describe"} if people else set())
    if await pranks.fits(unit, incident):
        possible = possible | {"prank"}
    possible = possible | {"open_original", "withdraw_file"}
    return sorted(v for v in possible if v in _VERBS and access.may(unit.me, _VERBS[v], tied.relations))
