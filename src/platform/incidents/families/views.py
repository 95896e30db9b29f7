"""The pages of students and parents, and the team's page on which parents are told."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service
from src.platform.incidents.families import repository as family_repository
from src.platform.incidents.families import service as families
from src.platform.incidents.families.repository import FOLLOW, ToldRow
from src.platform.incidents.families.schemas import (
    ChildRow,
    ChildToTell,
    FamilyHome,
    MyChildren,
    OwnChild,
    TellForm,
    TellParents,
    Told,
    ToldChild,
    ToldIncident,
)
from src.platform.incidents.models import FamilyNotice, Incident, Participation
from src.platform.incidents.reporting import my_progress, numbers_to_call
from src.platform.incidents.triage import residential
from src.platform.incidents.triage.questions import FOR_REPORTER
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import sort_key
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties


async def home(unit: Unit) -> FamilyHome:
    """How far my own reports are, nothing else of them (R-057)."""
    access.require(unit, families.TELL)
    return FamilyHome(
        reports=await my_progress(unit),
        has_children=access.may_enter(unit.me, FOLLOW),
        school_slug=(await tenants.organisation(unit, unit.tenant_id)).slug,
        emergency_numbers=await numbers_to_call(unit),
    )


async def tell_form(unit: Unit) -> TellForm:
    """The empty form; a parent may say which of the own children it is about."""
    access.require(unit, families.TELL)
    names = {}
    if access.may_enter(unit.me, FOLLOW):
        names = await vault.own_names(unit, await vault_ties.own_children(unit))
    children = sorted((OwnChild(id=i, name=name) for i, name in names.items()), key=lambda one: sort_key(one.name))
    return TellForm(children=children, emergency_numbers=await numbers_to_call(unit))


async def my_children(unit: Unit) -> MyChildren:
    """My children, and what the school told me about each; one audit row."""
    access.require(unit, FOLLOW)
    children = await vault_ties.own_children(unit)
    told = await family_repository.told(unit)
    contacts = await teams.contacts(unit)
    names = await vault.own_names(unit, children, contacts)
    rows = [
        ChildRow(
            name=names[child],
            told=[
                Told(id=incident.id, told_at=notice.told_at, state=FOR_REPORTER[incident.state])
                for incident, notice, concerned in told
                if concerned in blinds
            ],
        )
        for child, blinds in sorted(children.items(), key=lambda one: sort_key(names[one[0]]))
    ]
    _note(unit, told)
    return MyChildren(
        children=rows,
        contacts=[names[person] for person in contacts if person in names],
        emergency_numbers=await numbers_to_call(unit),
    )


async def told_incident(unit: Unit, incident_id: UUID) -> ToldIncident:
    """One incident that concerns a child of mine. Raises NotFound for every other, also to the accused (R-261)."""
    access.require(unit, FOLLOW)
    children = await vault_ties.own_children(unit)
    told = await family_repository.told_of(unit, incident_id)
    if not told:
        raise NotFound
    contacts = await teams.contacts(unit)
    names = await vault.own_names(unit, children, contacts)
    named = {blind: names[child] for child, blinds in children.items() for blind in blinds}
    _note(unit, told)
    return ToldIncident(
        told_at=max(notice.told_at for _, notice, _ in told),
        state=FOR_REPORTER[told[0][0].state],
        children=[ToldChild(name=named[blind], measures=await _measures(unit, one)) for _, one, blind in told],
        contacts=[names[person] for person in contacts if person in names],
        emergency_numbers=await numbers_to_call(unit),
    )


async def tell_parents(unit: Unit, incident_id: UUID) -> TellParents:
    """The children of an incident by code, and what their parents were told. Raises NotFound, Forbidden."""
    tied = await repository.one(unit, incident_id, permission="incident.read")
    if tied is None:
        raise NotFound
    access.demand(unit.me, families.TELL_PARENTS, tied.relations, reading="incident.read")
    known = await family_repository.notices(unit, incident_id)
    people = await repository.participations(unit, [incident_id])
    children = [await _to_tell(unit, tied.incident, one, known.get(one.id)) for one in people if one.kind == "student"]
    audit.record(unit, "incident.read", "incident", [incident_id], classes={"case-sensitive"})
    return TellParents(id=incident_id, number=tied.incident.number, children=children)


async def _to_tell(unit: Unit, incident: Incident, child: Participation, known: FamilyNotice | None) -> ChildToTell:
    return ChildToTell(
        participation_id=child.id,
        code=await service.code_of(unit, child.kind, child.id),
        told_at=known.told_at if known else None,
        measures=await _measures(unit, known) if known else "",
        version=known.version if known else 0,
        nothing_goes_back=residential.is_of_institution(child, incident),
    )


async def _measures(unit: Unit, notice: FamilyNotice) -> str:
    sealed = notice.measures
    return await vault.open_text(unit, sealed, families.MEASURES, notice.id) if sealed else ""


def _note(unit: Unit, told: list[ToldRow]) -> None:
    """One audit row a response, with the classes that being a parent opens (R-063)."""
    if told:
        ids = sorted({incident.id for incident, _, _ in told})
        audit.record(unit, "incident.followed", "incident", ids, classes=access.classes(unit.me, FOLLOW, {"own_child"}))
