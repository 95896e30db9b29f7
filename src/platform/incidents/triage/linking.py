"""One thing told twice: a report's incident becomes part of another one and nothing is lost (decisions 10, R-034).

The emptied incident stays and points to the other. What moves: reports, people, talks, injuries, files, duties, marked
names, what parents were told. Somebody named in both stands in the other one once, with both involvements; the row of
the emptied one stays with it.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from src.platform.attachments import service as attachments
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import repository, service, states
from src.platform.incidents.errors import LinkContradictsError, LinkedError, LinkIsFinalError, NotLinkableError
from src.platform.incidents.models import Incident, IncidentLink, Participation
from src.platform.incidents.triage import repository as triage_repository
from src.platform.incidents.triage import urgency
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.vault import service as vault

_PERMISSION = "incident.screen"
_LISTS = ("problem_behaviours", "violence_types", "bullying_subtypes", "serious_signs")
_TRUE_WINS = ("harmed", "harm_danger", "self_harm_sign", "sent_to_medical", "residential_child", "criminal_offence")
_MEMBERS = ("psych_contact_by", "counsellor", "council_called_by", "council_caller", "received_by")
_MOMENTS = ("psych_contact_at", "council_called_at")
_FIRST_KNOWN = ("place", "council_planned_for", *_MOMENTS, *_MEMBERS)
_WHEN = ("happened_on", "happened_time", "happened_until", "happened_about")
_WRITTEN = ("injuries", "medical_where", "behaviour_other", "additional_info")
_REPEATED = ("single_first", "isolated", "repeated")
_PERSON = "person:"
"""How `before` names the involvement of somebody who stands in both."""


async def link(unit: Unit, incident_id: UUID, version: int, number: str) -> UUID:
    """Make an incident part of the open one with this number. Returns the other's id.

    Raises Invalid for a number that is none for this person, NotLinkableError, LinkContradictsError (R-050).
    """
    into_id = await repository.by_number(unit, number.strip().removeprefix("№").strip())
    if into_id is None or into_id == incident_id:
        message = N_("There is no other incident with this number that you can see")
        raise Invalid(fields=[FieldError("into", "not_found", message)])
    source, target = await _both(unit, incident_id, into_id)
    _check_linkable(source, target)
    if source.version != version:
        raise StaleVersion
    answers = _together(source, target)
    if answers["happened_on"] and answers["happened_on"] > clock.local_date(answers["reported_at"]):
        raise LinkContradictsError
    row = await _move(unit, source, target, answers)
    await _screening_once(unit, source, target, answers)
    followers = await triage_repository.follow(unit, source.id, target.id)
    row.is_final = row.is_final or bool(followers)
    await service.write(unit, target, target.version, **answers, identities_read_at=None)
    await service.write(unit, source, version, state=states.LINKED, linked_into=target.id)
    await deadlines.take_over(unit, source.id, target.id)
    before = urgency.Before(target)
    await urgency.settle(unit, target)
    await urgency.rose(unit, before, target)
    for person in row.people:
        await outbox.emit(unit, "incidents.look_for_conflicts", {"incident": target.id, "participation": person})
    audit.record(unit, "incident.linked", "incident", [source.id, target.id, row.id])
    return target.id


async def unlink(unit: Unit, incident_id: UUID, version: int) -> None:
    """Take a link back as long as nothing was screened and no name was marked in the texts of both since.

    An answer that came with the link goes back with it unless the team changed it; urgency stays raised (R-038).
    """
    row = await triage_repository.link_of(unit, incident_id)
    if row is None:
        raise NotFound
    source, target = await _both(unit, incident_id, row.into_id, also_linked=True)
    if source.version != version:
        raise StaleVersion
    tokens = await repository.tokens(unit, target.id)
    is_untouched = target.state == "reported" and {one.id for one in tokens} == set(row.tokens)
    if row.is_final or source.linked_into != target.id or not is_untouched:
        raise LinkIsFinalError
    await triage_repository.move_reports(unit, row.reports, source.id)
    await triage_repository.move_people(unit, row.people, source.id)
    await triage_repository.move_notices(unit, row.people, source.id)
    mine = [one.id for one in tokens if one.report_id in row.reports or one.participation_id in row.people]
    await triage_repository.move_tokens(unit, mine, source.id)
    kept = {name: was for name, (was, became) in row.before.items() if _plain(getattr(target, name, None)) == became}
    await _restore_involvements(unit, row.before, target.id)
    left = min(one.received_at for one in await repository.reports(unit, target.id))
    changes = {name: _stored(name, was) for name, was in kept.items() if not name.startswith(_PERSON)}
    row.undone_at = clock.now()
    await service.write(unit, target, target.version, reported_at=left, identities_read_at=None, **changes)
    await service.write(unit, source, version, state="reported", linked_into=None)
    await urgency.settle(unit, source)
    await urgency.settle(unit, target)
    audit.record(unit, "incident.unlinked", "incident", [source.id, target.id, row.id])


async def _both(
    unit: Unit, incident_id: UUID, into_id: UUID, *, also_linked: bool = False
) -> tuple[Incident, Incident]:
    """Both incidents, locked in one order, if this person may work on both."""
    found = {
        one: (await service.tied_for_verb(unit, one, _PERMISSION, also_linked=also_linked)).incident
        for one in sorted((incident_id, into_id))
    }
    return found[incident_id], found[into_id]


def _check_linkable(source: Incident, target: Incident) -> None:
    if states.LINKED in (source.state, target.state):
        raise LinkedError
    known = states.LINKABLE
    if source.state not in known or target.state not in known or known.index(source.state) > known.index(target.state):
        raise NotLinkableError


def _together(source: Incident, target: Incident) -> dict[str, Any]:
    """The answers of both: the worse one where they differ, the other's own where only one can be."""
    found: dict[str, Any] = {name: _one_of(getattr(target, name), getattr(source, name)) for name in _FIRST_KNOWN}
    dated = target if target.happened_on else source  # a day, its time and its last day belong together
    found |= {name: getattr(dated, name) for name in _WHEN}
    for name in _LISTS:
        known = getattr(target, name)
        found[name] = [*known, *(one for one in getattr(source, name) if one not in known)]
    for name in _TRUE_WINS:
        told = [one for one in (getattr(target, name), getattr(source, name)) if one is not None]
        found[name] = any(told) if told else None
    counts = [one.injured_count for one in (target, source) if one.injured_count is not None]
    words = [one.sexual_words_only for one in (target, source) if one.sexual_words_only is not None]
    often = [one.repetition for one in (target, source) if one.repetition]
    urgent = [one for one in (target, source) if one.urgency == "urgent"]
    return found | {
        "injured_count": max(counts, default=None),
        "sexual_words_only": all(words) if words else None,
        "repetition": max(often, key=_REPEATED.index, default=None),
        "reported_at": min(target.reported_at, source.reported_at),
        "urgency": "urgent" if urgent else "standard",
        "urgency_answered": any(one.urgency_answered for one in urgent)
        or (target.urgency_answered and source.urgency_answered),
        **_earliest_investigation(source, target),
    }


def _earliest_investigation(source: Incident, target: Incident) -> dict[str, Any]:
    begun = [one.investigation_started_at for one in (source, target) if one.investigation_started_at]
    return {"investigation_started_at": min(begun)} if begun else {}


async def _move(unit: Unit, source: Incident, target: Incident, answers: Mapping[str, Any]) -> IncidentLink:
    """Everything of the one to the other, and a row that says what it was."""
    before = {
        name: [_plain(getattr(target, name)), _plain(became)]
        for name, became in answers.items()
        if name not in ("urgency", "urgency_answered", "reported_at") and getattr(target, name) != became
    }
    reports = [one.id for one in await repository.reports(unit, source.id)]
    people, twice = await _people(unit, source, target, before)
    tokens, known = [await repository.tokens(unit, one.id) for one in (source, target)]
    stood_for_twice = any(one.participation_id in twice for one in tokens)
    await triage_repository.move_reports(unit, reports, target.id)
    await triage_repository.move_people(unit, people, target.id)
    await triage_repository.move_notices(unit, people, target.id)
    has_notices = await triage_repository.join_notices(unit, twice, target.id)
    await triage_repository.move_tokens(unit, [one.id for one in tokens], target.id)
    await triage_repository.move_interviews(unit, source.id, target.id)
    was_forwarded = bool(await triage_repository.forwardings(unit, source.id))
    await triage_repository.move_forwardings(unit, source.id, target.id)
    has_evidence = await triage_repository.move_injuries(unit, source.id, target.id)
    for old, new in twice.items():
        await triage_repository.stand_for(unit, target.id, old, new)
    has_evidence = await attachments.move(unit, source.id, target.id) or has_evidence
    taken = {duty.membership_id for duty in await repository.duties(unit, target.id)}
    for duty in await repository.duties(unit, source.id):
        if duty.membership_id not in taken:
            await repository.set_duty(unit, target.id, duty.membership_id, duty.duty)
    brings_texts = await _texts(unit, source, target)
    row = IncidentLink(
        tenant_id=unit.tenant_id,
        id=new_id(),
        incident_id=source.id,
        into_id=target.id,
        linked_at=clock.now(),
        linked_by=unit.me.membership_id,
        reports=reports,
        people=people,
        tokens=[one.id for one in (*known, *tokens)],
        before=before,
        is_final=brings_texts
        or has_evidence
        or has_notices
        or stood_for_twice
        or was_forwarded
        or source.state != "reported",
    )
    unit.session.add(row)
    return row


async def _people(
    unit: Unit, source: Incident, target: Incident, before: dict[str, Any]
) -> tuple[list[UUID], dict[UUID, UUID]]:
    """Who moves, and who stands in the other one already or under a code of its own: old row -> new row."""
    known = await repository.participations(unit, [target.id])
    by_blind = {one.link_blind: one for one in known}
    moved, twice = list[UUID](), dict[UUID, UUID]()
    for one in await repository.participations(unit, [source.id]):
        if (same := by_blind.get(one.link_blind)) is not None:
            _join(same, one, before)
            twice[one.id] = same.id
        elif await service.has_own_code(unit, one, known):
            moved.append(one.id)
            known.append(one)
        else:
            twice[one.id] = await service.add_person(
                unit, target.id, await vault.open_link(unit, one.link, one.id), one.involvement, one.kind
            )
    return moved, twice


def _join(same: Participation, other: Participation, before: dict[str, Any]) -> None:
    """One person with the involvements of both; what is known about the parents is kept."""
    was, told = same.involvement, {same.involvement, other.involvement}
    if "both" in told or told == {"victim", "alleged_offender"}:
        same.involvement = "both"
    elif was == "witness":
        same.involvement = other.involvement
    if same.involvement != was:
        before[f"{_PERSON}{same.id}"] = [was, same.involvement]
    if other.residential or same.residential is None:
        same.residential = other.residential
    same.injured = same.injured or other.injured
    same.role = same.role or other.role
    if same.parents_informed_at is None:
        same.parents_informed_at, same.parents_informed = other.parents_informed_at, other.parents_informed


async def _restore_involvements(unit: Unit, before: Mapping[str, Any], incident_id: UUID) -> None:
    for one in await repository.participations(unit, [incident_id]):
        was, became = before.get(f"{_PERSON}{one.id}", (None, None))
        if was is not None and one.involvement == became:
            one.involvement = was


async def _texts(unit: Unit, source: Incident, target: Incident) -> bool:
    """What the team wrote in both, one after the other. True when the emptied one had any."""
    brings = False
    for name in _WRITTEN:
        if getattr(source, name) is None:
            continue
        written, column = [(one, getattr(one, name)) for one in (target, source)], f"incident.{name}"
        texts = [await vault.open_text(unit, sealed, column, one.id) for one, sealed in written if sealed]
        setattr(target, name, await vault.seal_text(unit, "\n\n".join(texts), column, target.id))
        brings = True
    return brings


async def _screening_once(unit: Unit, source: Incident, target: Incident, answers: Mapping[str, Any]) -> None:
    """One clock from the earliest start; a report linked to a screened incident has been looked at by the team."""
    codes = urgency.SCREEN_CLOCKS.values()
    if target.state != "reported":
        for code in codes:
            await deadlines.meet(unit, code, source.id, clock.now())
        return
    wanted = urgency.SCREEN_CLOCKS[answers["urgency"]]
    both = await deadlines.of_subjects(unit, [source.id, target.id])
    starts = [
        (due.started_at, due.subject_id)
        for dues in both.values()
        for due in dues
        if due.code == wanted and due.state in ("open", "amber", "overdue")
    ]
    start, whose = min(starts, default=(answers["reported_at"], source.id))
    for code in codes:
        await deadlines.cancel(unit, code, source.id)
        if (code, whose) != (wanted, target.id):
            await deadlines.cancel(unit, code, target.id)
    await deadlines.start(unit, wanted, "incident", target.id, start)


def _one_of(known: Any, told: Any) -> Any:
    return told if known is None else known


def _plain(value: Any) -> Any:
    """An answer as JSON holds it."""
    if isinstance(value, date | time):  # a moment, too
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _stored(name: str, plain: Any) -> Any:
    """The answer again."""
    if plain is None:
        return None
    if name in _MEMBERS:
        return UUID(plain)
    if name in (*_MOMENTS, "investigation_started_at"):
        return datetime.fromisoformat(plain)
    if name == "happened_time":
        return time.fromisoformat(plain)
    return date.fromisoformat(plain) if name in ("happened_on", "happened_until", "council_planned_for") else plain
