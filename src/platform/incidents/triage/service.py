"""What the team knows of a report: the answers of D-1, and what becomes known later and makes it worse."""

from typing import Any
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import names, service, tokens
from src.platform.incidents.errors import UrgencyLoweredError, WrongStateError
from src.platform.incidents.models import Incident
from src.platform.incidents.schemas import News, Triage
from src.platform.incidents.triage import urgency
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.vault import service as vault

_WORDS = ("injuries", "medical_where", "behaviour_other")
_OF_HEALTH = frozenset({"injuries", "medical_where"})


async def triage(unit: Unit, incident_id: UUID, version: int, answers: Triage) -> None:
    """Complete D-1. The first answer may end a provisional urgency, none lowers an answered one (R-038, R-257)."""
    tied = await service.tied_for_verb(unit, incident_id, "incident.screen")
    incident = tied.incident
    if incident.state != "reported":
        raise WrongStateError
    _check(incident, answers)
    is_urgent = answers.harmed or answers.harm_danger or answers.self_harm_sign or incident.self_harm_sign
    if not is_urgent and incident.urgency == "urgent" and incident.urgency_answered:
        raise UrgencyLoweredError
    known = {name: value for name, value in msgspec.structs.asdict(answers).items() if value not in (None, [], "")}
    for name in ("self_harm_sign", "residential_child", "criminal_offence"):  # a sign is never taken back
        known[name] = bool(getattr(answers, name) or getattr(incident, name))
    known["received_by"] = incident.received_by or unit.me.membership_id
    sees_health = "health" in access.classes(unit.me, "incident.read", tied.relations)
    for name in _WORDS:
        if words := getattr(answers, name):
            sees = sees_health or name not in _OF_HEALTH
            known[name] = await added_text(unit, incident, name, words, sees=sees)
            known["identities_read_at"] = None
    if answers.injured_count is not None and not sees_health:
        known["injured_count"] = max(answers.injured_count, incident.injured_count or 0)
    level = "urgent" if is_urgent else "standard"
    await _change(unit, incident, version, {"urgency": level, "urgency_answered": True, **known})
    audit.record(unit, "incident.triaged", "incident", [incident.id], detail={"urgency": level})


async def worsen(unit: Unit, incident_id: UUID, version: int, news: News) -> None:
    """Something became known that makes an incident worse, at any time before it is closed (R-036, R-038).

    Nothing here takes anything back: an unticked box says nothing. Raises WrongStateError, Invalid without any news.
    """
    incident = await service.for_verb(unit, incident_id, "incident.screen")
    if incident.state == "closed":
        raise WrongStateError
    signs = [*incident.serious_signs, *(sign for sign in news.serious_signs if sign not in incident.serious_signs)]
    changes: dict[str, Any] = {
        "harmed": news.harmed or incident.harmed,
        "harm_danger": news.harm_danger or incident.harm_danger,
        "self_harm_sign": news.self_harm_sign or incident.self_harm_sign,
        "residential_child": news.residential_child or incident.residential_child,
        "criminal_offence": news.criminal_offence or incident.criminal_offence,
        "serious_signs": signs,
    }
    is_news = any(changes[name] != getattr(incident, name) for name in changes)
    for name, worse in (("sent_to_medical", True), ("sexual_words_only", False)):
        if (
            (told := getattr(news, name)) is not None
            and getattr(incident, name) in (None, not worse)
            and (told is worse or getattr(incident, name) is None)
        ):
            changes[name], is_news = told, True
    if not is_news:
        raise Invalid(fields=[FieldError("harmed", "required", N_("Say what has become known"))])
    is_answer = news.harmed or news.harm_danger or news.self_harm_sign
    if is_answer or incident.urgency == "urgent":
        changes |= {"urgency": "urgent", "urgency_answered": incident.urgency_answered or is_answer}
    await _change(unit, incident, version, changes)
    audit.record(unit, "incident.worsened", "incident", [incident.id], detail={"urgency": incident.urgency})


async def _change(unit: Unit, incident: Incident, version: int, changes: dict[str, Any]) -> None:
    before = urgency.Before(incident)
    await service.write(unit, incident, version, **changes)
    await urgency.settle(unit, incident)
    await urgency.rose(unit, before, incident)


async def added_text(unit: Unit, incident: Incident, name: str, text: str, *, sees: bool) -> bytes:
    """What was typed; after what stands there already where the writer cannot read it: nobody's words are lost."""
    if sees or (sealed := getattr(incident, name)) is None:
        return await names.retyped(unit, incident, incident, name, text)
    words, column = tokens.typed(text), f"incident.{name}"
    words = f"{await vault.open_text(unit, sealed, column, incident.id)}\n\n{words}"
    return await vault.seal_text(unit, words, column, incident.id)


def _check(incident: Incident, answers: Triage) -> None:
    """What contradicts itself in D-1. Raises Invalid with every complaint (R-050)."""
    complaints, latest = list[FieldError](), clock.local_date(incident.reported_at)
    for name in ("happened_on", "happened_until"):
        day = getattr(answers, name)
        if day and day > latest:
            message = N_("The incident cannot be later than the report about it")
            complaints.append(FieldError(name, "after_report", message))
    began = answers.happened_on or incident.happened_on
    if answers.happened_until and (began is None or answers.happened_until < began):
        message = N_("Give the first day, too; the last day is not before it")
        complaints.append(FieldError("happened_until", "before_first", message))
    has_words = answers.behaviour_other or incident.behaviour_other
    if "other_behaviour" in answers.problem_behaviours and not has_words:
        message = N_("Describe the other behaviour")
        complaints.append(FieldError("behaviour_other", "required", message))
    if answers.bullying_subtypes and "peer_bullying" not in answers.violence_types:
        message = N_("A kind of bullying is chosen: tick peer bullying as the kind of violence, too")
        complaints.append(FieldError("violence_types", "lacks_bullying", message))
    if complaints:
        raise Invalid(fields=complaints)
