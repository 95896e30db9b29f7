"""What triage adds to the page of an incident: links, what is like it, who was told of serious signs, the parents."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import names, repository, service, states
from src.platform.incidents.families import parents
from src.platform.incidents.families.schemas import Child, ParentsView
from src.platform.incidents.models import Forwarding, Incident
from src.platform.incidents.repository import Tied
from src.platform.incidents.schemas import Colleague, Forwarded, Other, Waiver
from src.platform.incidents.triage import forwarding, residential, urgency
from src.platform.incidents.triage import repository as triage_repository
from src.platform.incidents.turns import views as turn_views
from src.platform.kit.errors import NotFound
from src.platform.vault import service as vault

_FLAGGED = frozenset({"investigated", "classified"})
_LEFT_TO_POLICE = frozenset({"physical_weapon", "sexual"})


async def possible(unit: Unit, tied: Tied, classes: frozenset[str]) -> set[str]:
    """The verbs of triage that the state and the facts of an incident leave open."""
    incident = tied.incident
    if incident.state == states.LINKED:
        return {"unlink"}
    open_now = {"worsen"} if incident.state not in ("reported", "closed") else set()
    if incident.state in states.LINKABLE:
        open_now.add("link")
    forwarded, waived = await urgency.forwarding_of(unit, incident)
    if incident.residential_child and not await urgency.commission_knows_of_residential(unit, incident):
        open_now.add("forward")
    if incident.criminal_offence and incident.council_called_at is None:
        open_now.add("council")
    if incident.serious_signs and not forwarded:
        open_now.add("forward")
        if not waived and not await forwarding.must_be_forwarded(unit, incident):
            open_now.add("waive_forwarding")
    if "health" in classes and incident.self_harm_sign and incident.psych_contact_at is None:
        open_now.add("record_contact")
    if any(one.kind == "student" for one in await repository.participations(unit, [incident.id])):
        open_now.add("inform_parents")
    return open_now


async def beside(unit: Unit, incident: Incident) -> tuple[Other | None, list[Other]]:
    """Where an incident is linked to, and what is linked to it."""
    known = [_other(one) for one in await triage_repository.beside(unit, incident)]
    there = next((one for one in known if one.id == incident.linked_into), None)
    return there, [one for one in known if one.id != incident.linked_into]


async def similar(unit: Unit, incident: Incident) -> list[Other]:
    """What may be the same, for whoever may link it."""
    return [_other(one) for one in await triage_repository.similar(unit, incident)]


async def forwarded(unit: Unit, incident: Incident, colleagues: list[Colleague]) -> list[Forwarded]:
    """To whom the serious signs were made known."""
    names = {one.membership_id: one.name for one in colleagues}
    return [
        Forwarded(targets=row.targets, at=row.forwarded_at, by=names.get(row.by_membership, ""))
        for row in await triage_repository.forwardings(unit, incident.id)
        if row.forwarded_at is not None
    ]


async def waivers(unit: Unit, incident: Incident, colleagues: list[Colleague], classes: frozenset[str]) -> list[Waiver]:
    """Why serious signs are not forwarded; the reason may hold names, so only who may read every name gets it."""
    names = {one.membership_id: one.name for one in colleagues}
    return [
        Waiver(
            id=row.id,
            asked_at=row.asked_at,
            asked_by=names.get(row.by_membership, ""),
            agreed_by=names.get(row.agreed_by, "") if row.agreed_by else None,
            mine=row.by_membership == unit.me.membership_id,
            in_force=row.agreed_at is not None and set(incident.serious_signs) <= set(row.signs),
            reason=await _reason(unit, row) if classes >= access.IDENTITY else None,
        )
        for row in await triage_repository.forwardings(unit, incident.id)
        if row.asked_at is not None
    ]


def is_left_to_police(incident: Incident, told: list[Forwarded]) -> bool:
    """Whether the talk with the victim about the act is the police's (R-269)."""
    severe = bool(_LEFT_TO_POLICE & set(incident.serious_signs)) or bool(incident.sent_to_medical)
    return severe and any("police" in one.targets for one in told)


async def without_parents(unit: Unit, incident: Incident) -> list[str]:
    """Codes of the children about whose parents nothing is recorded, once the investigation is over (R-248)."""
    if incident.state not in _FLAGGED:
        return []
    people = await repository.participations(unit, [incident.id])
    return [await service.code_of(unit, one.kind, one.id) for one in people if parents.is_open(one)]


async def parents_of(unit: Unit, incident_id: UUID) -> ParentsView:
    """The children of an incident and who was informed; raises NotFound and Forbidden like the verb."""
    tied = await repository.one(unit, incident_id, permission="incident.read")
    if tied is None:
        raise NotFound
    access.demand(unit.me, "incident.inform_parents", tied.relations, reading="incident.read")
    incident = tied.incident
    if incident.state == states.LINKED:
        raise NotFound
    await repository.prefetch_named(unit, incident.id)
    people = await repository.participations(unit, [incident.id])
    accused = await parents.with_a_parent_accused(unit, people)
    classes = access.classes(unit.me, "incident.read", tied.relations)
    words = await names.forms(unit, incident.id, frozenset())
    children = [
        Child(
            participation_id=one.id,
            code=await service.code_of(unit, one.kind, one.id),
            involvement=one.involvement,
            parent_is_accused=one.id in accused,
            informed=one.parents_informed,
            informed_at=one.parents_informed_at,
            reason=await turn_views.text(unit, one, "parents_not_informed", words)
            if classes >= access.IDENTITY
            else None,
            is_open=parents.is_open(one),
            residential=one.residential,
            nothing_goes_back=residential.is_of_institution(one, incident),
            version=one.version,
        )
        for one in people
        if one.kind == "student"
    ]
    audit.record(unit, "incident.read", "incident", [incident.id], classes={"case-sensitive"})
    return ParentsView(id=incident.id, number=incident.number, children=children)


async def _reason(unit: Unit, row: Forwarding) -> str | None:
    return await vault.open_text(unit, row.reason, forwarding.REASON, row.id) if row.reason else None


def _other(one: Incident) -> Other:
    return Other(id=one.id, number=one.number, state=one.state, reported_at=one.reported_at, place=one.place)
