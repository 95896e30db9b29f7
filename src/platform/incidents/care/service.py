"""Verbs around the nurse: the team asks one, and she notes injuries and where somebody was sent (actors.md 3.8).

She reads by a right of her own, `incident.care`, so that nothing which opens with `incident.read` opens to her.
"""

from collections.abc import Collection
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import members, repository, service, states, tokens
from src.platform.incidents.errors import NamedPersonError, WrongStateError
from src.platform.incidents.evidence import injuries
from src.platform.incidents.models import Incident
from src.platform.incidents.triage.service import added_text
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.notifications import service as notifications

CARE, ASK = "incident.care", "incident.ask_nurse"
_ENDED = frozenset({"closed", states.LINKED})


async def ask(unit: Unit, incident_id: UUID, version: int, *, nurse: UUID, injured: Collection[UUID] = ()) -> None:
    """Ask a nurse to look after who is hurt. Raises WrongStateError, Invalid, NamedPersonError, StaleVersion."""
    incident = await service.for_verb(unit, incident_id, ASK)
    if incident.state in _ENDED:
        raise WrongStateError
    chosen = [one for one in await members.holders(unit, CARE) if one.membership_id == nurse]
    if not chosen:
        raise Invalid(fields=[FieldError("nurse", "not_a_nurse", N_("Choose a nurse of the school"))])
    people = await repository.participations(unit, [incident.id])
    if not set(injured) <= {one.id for one in people}:
        raise NotFound
    duties = {one.membership_id: one.duty for one in await repository.duties(unit, incident.id)}
    if duties.get(nurse, "nurse") != "nurse" or await members.named_among(unit, incident.id, chosen):
        raise NamedPersonError
    for person in people:
        person.injured = person.injured or person.id in injured
    if injured:
        await injuries.somebody_is_hurt(unit, incident, version)
    else:
        await service.write(unit, incident, version)
    await repository.set_duty(unit, incident.id, nurse, "nurse")
    if not await repository.readable_to(unit, chosen, [incident.id], CARE):
        raise NamedPersonError  # a relative of somebody named: the conflict outweighs the duty
    await notifications.notify(unit, {nurse} - {unit.me.membership_id}, "care_asked", "care", incident.id)
    audit.record(unit, "incident.nurse_asked", "incident", [incident.id])


async def note(
    unit: Unit,
    incident_id: UUID,
    version: int,
    *,
    regions: Collection[str] = (),
    note: str = "",
    participation_id: UUID | None = None,
    sent_to_medical: bool | None = None,
    medical_where: str = "",
) -> None:
    """What the nurse saw and where she sent whom (R-048). Raises WrongStateError, Invalid without a word."""
    incident = await _mine(unit, incident_id)
    if incident.state in _ENDED:
        raise WrongStateError
    if note and not regions:
        message = N_("Say where on the body, or choose pain without a mark")
        raise Invalid(fields=[FieldError("regions", "required", message)])
    if not regions and sent_to_medical is None and not medical_where:
        raise Invalid(fields=[FieldError("regions", "required", N_("Fill this in"))])
    if participation_id and participation_id not in await _hurt(unit, incident):
        raise NotFound
    more: dict[str, object] = {}
    if medical_where:
        more["medical_where"] = await added_text(unit, incident, "medical_where", medical_where, sees=False)
    records = [incident.id]
    if regions:
        words = tokens.typed(note)
        records.append(
            await injuries.add(unit, incident, regions=regions, note=words, participation_id=participation_id)
        )
    await injuries.somebody_is_hurt(unit, incident, version, sent_to_medical, **more)
    audit.record(unit, "incident.cared", "incident", records, classes={"health"})


async def _mine(unit: Unit, incident_id: UUID) -> Incident:
    tied = await repository.one(unit, incident_id, permission=CARE, lock=True)
    if tied is None:
        raise NotFound
    access.demand(unit.me, CARE, tied.relations)
    return tied.incident


async def _hurt(unit: Unit, incident: Incident) -> set[UUID]:
    return {one.id for one in await repository.participations(unit, [incident.id]) if one.injured}
