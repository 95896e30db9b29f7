"""A serious sign goes to the police and the commission on the day it is known, or two people say why not (R-256)."""

from collections.abc import Collection
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import deputy, members, readers, repository, service, tokens
from src.platform.incidents.errors import (
    AlreadyForwardedError,
    MustBeForwardedError,
    NoSeriousSignError,
    NotYourNameError,
    WrongStateError,
)
from src.platform.incidents.models import OFFENDERS, Forwarding, Incident
from src.platform.incidents.triage import repository as triage_repository
from src.platform.incidents.triage import urgency
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

_ALWAYS = ("commission", "police")
_OFFICES = {
    "commission": frozenset({"commission"}),
    "police": frozenset({"internal_affairs", "juvenile_police_unit"}),
}
_BY_ADULTS = frozenset({"corporal_harm"})
REASON = "forwarding.reason"


async def forward(unit: Unit, incident_id: UUID, version: int, targets: Collection[str]) -> None:
    """Record that the incident is made known, by whom and when; a sign always goes to police and commission (R-173).

    A child of a residential institution always goes to the commission (R-170).

    What leaves is a message without names to the offices that work with Qorgan: which school, nothing else.
    """
    incident = await service.for_verb(unit, incident_id, "incident.forward")
    known = await triage_repository.forwardings(unit, incident.id)
    is_news = incident.residential_child and not await urgency.commission_knows_of_residential(unit, incident)
    wanted = {*targets, *(_ALWAYS if incident.serious_signs else ()), *(("commission",) if is_news else ())}
    fresh = wanted - {target for row in known for target in row.targets}
    if not fresh and not is_news:
        raise AlreadyForwardedError
    lives = [urgency.LIVES_IN_INSTITUTION] if incident.residential_child else []
    at = clock.now()
    row = Forwarding(
        tenant_id=unit.tenant_id,
        id=new_id(),
        incident_id=incident.id,
        signs=[*incident.serious_signs, *lives],
        targets=sorted(wanted),
        forwarded_at=at,
        by_membership=unit.me.membership_id,
    )
    unit.session.add(row)
    await service.write(unit, incident, version)
    await urgency.settle(unit, incident)
    for target in sorted(fresh & _OFFICES.keys()):
        if target != "commission" or incident.serious_signs or not is_news:
            await _tell_office(unit, target, "notifications.serious_sign")
    if is_news:
        await _tell_office(unit, "commission", "notifications.residential_report")
    told = " ".join(sorted(fresh | ({"commission"} if is_news else set())))
    audit.record(unit, "incident.forwarded", "incident", [incident.id, row.id], detail={"to": told})


async def _tell_office(unit: Unit, target: str, actor: str) -> None:
    office = await tenants.nearest(unit, _OFFICES[target])
    if office is not None:
        await outbox.emit(unit, actor, {"school": unit.tenant_id}, target_tenant=office.id)


async def made_known(unit: Unit, incident_id: UUID, kind: str) -> None:
    """A child was referred to an office, which thereby knows of the incident; no second message goes there (R-173).

    `kind` is that of its organisation; one that is no office of `OL-forward_target` changes nothing.
    """
    target = next((one for one, kinds in _OFFICES.items() if kind in kinds), None)
    known = {one for row in await triage_repository.forwardings(unit, incident_id) for one in row.targets}
    if target is None or target in known:
        return
    incident = await repository.locked(unit, incident_id)
    row = Forwarding(
        tenant_id=unit.tenant_id,
        id=new_id(),
        incident_id=incident_id,
        signs=list(incident.serious_signs),
        targets=[target],
        forwarded_at=clock.now(),
        by_membership=unit.me.membership_id,
    )
    unit.session.add(row)
    await service.write(unit, incident, incident.version)
    await urgency.settle(unit, incident)
    audit.record(unit, "incident.forwarded", "incident", [incident_id, row.id], detail={"to": target})


async def ask_to_waive(unit: Unit, incident_id: UUID, version: int, reason: str) -> UUID:
    """The first of two names: why a sign is not to be forwarded. It holds nothing up until the second one agrees."""
    incident = await service.for_verb(unit, incident_id, "incident.waive_forwarding")
    sides = await _check_waivable(unit, incident)
    row_id = new_id()
    unit.session.add(
        Forwarding(
            tenant_id=unit.tenant_id,
            id=row_id,
            incident_id=incident.id,
            signs=list(incident.serious_signs),
            targets=[],
            by_membership=unit.me.membership_id,
            reason=await vault.seal_text(unit, tokens.typed(reason), REASON, row_id),
            asked_at=clock.now(),
        )
    )
    await service.write(unit, incident, version)
    others = _other_side(sides, unit.me.membership_id)
    await notifications.notify(unit, others, "waiver_asked", "incident", incident.id)
    audit.record(unit, "incident.waiver_asked", "incident", [incident.id, row_id])
    return row_id


async def agree_to_waive(unit: Unit, incident_id: UUID, version: int, waiver_id: UUID) -> None:
    """The second name: from now on the signs known then need not be forwarded; a new sign asks again."""
    incident = await service.for_verb(unit, incident_id, "incident.waive_forwarding")
    row = next((one for one in await triage_repository.forwardings(unit, incident.id) if one.id == waiver_id), None)
    if row is None or row.reason is None:
        raise NotFound
    if row.agreed_at or set(row.signs) != set(incident.serious_signs):
        raise WrongStateError
    sides = await _check_waivable(unit, incident)
    if unit.me.membership_id not in _other_side(sides, row.by_membership):
        raise NotYourNameError
    row.agreed_by, row.agreed_at = unit.me.membership_id, clock.now()
    await service.write(unit, incident, version)
    await urgency.settle(unit, incident)
    audit.record(unit, "incident.forwarding_waived", "incident", [incident.id, row.id])


async def must_be_forwarded(unit: Unit, incident: Incident) -> bool:
    """Whether no reason excuses silence: a weapon, sexual acts, an injury that needed help, an adult (R-256).

    What is not known counts as the worse answer: whether a doctor was needed, whether it was only words, who did it.
    """
    signs = set(incident.serious_signs)
    did = [one for one in await repository.participations(unit, [incident.id]) if one.involvement in OFFENDERS]
    return (
        "physical_weapon" in signs
        or ("sexual" in signs and not incident.sexual_words_only)
        or bool(incident.sent_to_medical)
        or ("physical_injury" in signs and incident.sent_to_medical is None)
        or bool(signs & _BY_ADULTS)
        or not did
        or any(one.kind != "student" for one in did)
    )


async def _check_waivable(unit: Unit, incident: Incident) -> tuple[set[UUID], set[UUID]]:
    """Who gives the two names here. Raises why no waiver is possible, or not by this person."""
    if not incident.serious_signs:
        raise NoSeriousSignError
    if any(await urgency.forwarding_of(unit, incident)):
        raise AlreadyForwardedError
    if await must_be_forwarded(unit, incident):
        raise MustBeForwardedError
    sides = await _two_names(unit, incident.id)
    if unit.me.membership_id not in sides[0] | sides[1]:
        raise NotYourNameError
    return sides


async def _two_names(unit: Unit, incident_id: UUID) -> tuple[set[UUID], set[UUID]]:
    """Who may be the director's and the coordinator's name; the deputy leader for a side that is implicated."""
    deputies = {one.membership_id for one in await teams.active_members(unit) if one.is_deputy}
    heads = await readers.may_read(unit, await members.holders(unit, "incident.take_measures"), incident_id)
    leaders = await deputy.coordinators(unit, incident_id)
    sides = [{one.membership_id for one in side} - deputies for side in (heads, leaders)]
    if not all(sides):
        team = await readers.may_read(unit, await members.team_of(unit), incident_id)
        sides = [side or {one.membership_id for one in team} & deputies for side in sides]
    return sides[0], sides[1]


def _other_side(sides: tuple[set[UUID], set[UUID]], membership_id: UUID) -> set[UUID]:
    """Who may give the other name beside this one; nobody gives both."""
    director, coordinator = sides
    others = set[UUID]()
    if membership_id in director:
        others |= coordinator
    if membership_id in coordinator:
        others |= director
    return others - {membership_id}
