"""To whom a child can be referred and why in this order; what stands around a referral for its reader."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import literal, select

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.casework import service as casework
from src.platform.catalogue import service as catalogue
from src.platform.catalogue.schemas import Entry
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.incidents import outward
from src.platform.kit import clock
from src.platform.kit.i18n import sort_key
from src.platform.referrals import (
    help_drafts,
    opening,
    redirecting,
    referring,
    referring_repository,
    repository,
    service,
)
from src.platform.referrals.models import Referral, ReferralCase
from src.platform.referrals.referring import COMMISSION
from src.platform.referrals.referring_schemas import ReferForm
from src.platform.referrals.repository import Tied
from src.platform.referrals.schemas import SERVICES, Around, Colleague, Proposal, ReferralView
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault


async def for_case(unit: Unit, case_id: UUID) -> ReferForm:
    """A case with every service that its child can be referred to today. Raises NotFound, Forbidden."""
    code = await casework.code_for_referral(unit, case_id)
    child = casework.code_owner(select(literal(case_id)).scalar_subquery())
    prepared = help_drafts.waiting(child, case_id)
    await repository.prefetch_offers(unit, prepared)
    return ReferForm(
        id=case_id,
        of="cases",
        code=code,
        offers=await proposals(unit),
        prepared=await help_drafts.read(unit, await together.rows(unit.session, prepared)),
        may_agree=access.may_enter(unit.me, "agreement.draft"),
    )


async def for_incident(unit: Unit, incident_id: UUID) -> ReferForm:
    """An incident with its children, and the bodies that act by law for one of them (R-262). Raises NotFound."""
    prepared = help_drafts.waiting(outward.ids_of(incident_id), incident_id)
    await repository.prefetch_offers(unit, outward.people_of(incident_id), prepared)
    number, children = await outward.children(unit, incident_id)
    audit.record(unit, "incident.read", "incident", [incident_id], classes={"case-sensitive"})
    return ReferForm(
        id=incident_id,
        of="incidents",
        code=number,
        offers=[one for one in await proposals(unit) if one.is_by_law],
        may_agree=False,
        children=children,
        prepared={
            child: one
            for child, one in (await help_drafts.read(unit, await together.rows(unit.session, prepared))).items()
            if child in children
        },
    )


async def proposals(unit: Unit) -> list[Proposal]:
    """Every service of every partner that may be asked today: the near ones first, then those with less to do.

    The order is a proposal with its reasons; a person chooses (processes.md (e)).
    """
    known = {one.id: one for one in await tenants.organisations(unit)}
    by_law, load = await referring.kinds_by_law(unit), await referring_repository.load(unit)
    offered = await catalogue.entries(unit)
    ends = {
        (one.peer_tenant_id, key): one.valid_to
        for one in await repository.agreements_in_force(unit, clock.local_date(clock.now()))
        for key in one.service_types
    }
    mine = known[unit.tenant_id].district_id
    found = [
        Proposal(
            key=f"{partner}.{service_type}",
            partner=partner,
            partner_name=known[partner].name(unit.language),
            service_type=service_type,
            fields=fields,
            is_near=_is_near(offered.get(partner, Entry()), service_type, mine, known[partner].district_id),
            is_by_law=known[partner].kind in by_law,
            is_commission=known[partner].kind == COMMISSION,
            valid_to=ends.get((partner, service_type)),
            open_referrals=load.get(partner, 0),
            **_in_catalogue(offered.get(partner, Entry()), service_type),
        )
        for (partner, service_type), fields in (await service.contracts(unit)).items()
        if known[partner].status == "active"
    ]
    return sorted(found, key=_place)


def _is_near(entry: Entry, service_type: str, mine: UUID | None, seat: UUID | None) -> bool:
    """Whether a service is given in the school's district; one that names no district is where its office is."""
    offered = entry.services.get(service_type)
    return mine is not None and (mine in offered.districts if offered and offered.districts else seat == mine)


def _in_catalogue(entry: Entry, service_type: str) -> dict[str, Any]:
    offered = entry.services.get(service_type)
    return {
        "office": entry.office,
        "offered": offered.text if offered else "",
        "is_in_catalogue": offered is not None,
        "is_confirmed": entry.is_confirmed,
    }


def _place(one: Proposal) -> tuple[bool, bool, bool, int, object, int]:
    """Near, in the catalogue, agreed, free, then by name."""
    return (
        not one.is_near,
        not one.is_in_catalogue,
        one.valid_to is None,
        one.open_referrals,
        sort_key(one.partner_name),
        SERVICES.index(one.service_type),
    )


async def with_around(unit: Unit, tied: Tied, view: ReferralView) -> ReferralView:
    """A referral with what stands around it: contact and colleague for the partner, the next partner for the school."""
    at_partner = tied.referral.peer_tenant_id == unit.tenant_id
    around = await (_at_partner(unit, tied.referral) if at_partner else _at_school(unit, tied))
    may = set(view.may)
    if around.opened_at is not None:
        may.discard("recall")
    note_waits = around.is_school and around.unfollowed_at is None and around.followed_by is None
    if note_waits and tied.referral.state == "declined" and access.may(unit.me, "referral.send", tied.relations):
        may.add("leave")
    if at_partner and tied.referral.state in referring_repository.OPEN and access.may(unit.me, opening.ANSWER):
        may.add("give")
    return msgspec.structs.replace(view, around=around, may=sorted(may))


async def _at_partner(unit: Unit, referral: Referral) -> Around:
    opened = await referring_repository.opening(unit, referral.id)
    changed = await referring_repository.contact(unit, referral.id)
    contact = (await vault.open_slice(unit, changed.sealed_name, changed.id)).decode() if changed else ""
    members = [one for one in await tenants.members(unit) if one.roles & access.roles_with(opening.ANSWER)]
    names = await vault.staff_names(unit, [one.person_id for one in members])
    duty = await referring_repository.duty(unit, referral.id)
    return Around(
        opened_at=opened.opened_at if opened else None,
        contact=contact,
        responsible=next((names.get(one.person_id, "") for one in members if one.membership_id == duty), ""),
        colleagues=[Colleague(one.membership_id, names.get(one.person_id, "")) for one in members],
    )


async def _at_school(unit: Unit, tied: Tied) -> Around:
    referral = tied.referral
    opened = await referring_repository.opening(unit, referral.id)
    note, followed_by = await referring_repository.note_of(unit, referral.id)
    sends = access.may(unit.me, "referral.send", tied.relations)
    waits = referral.state == "declined" and followed_by is None and note is not None and note.unfollowed_at is None
    reason = ""
    if note is not None and note.unfollowed_reason is not None:
        reason = await vault.open_text(unit, note.unfollowed_reason, redirecting.COLUMN, referral.id)
    return Around(
        is_school=True,
        refer_at=_refer_at(note) if note else "",
        office=(await catalogue.entries(unit)).get(referral.peer_tenant_id, Entry()).office,
        unfollowed_reason=reason,
        unfollowed_at=note.unfollowed_at if note else None,
        opened_at=opened.opened_at if opened else None,
        has_form_k=sends and note is not None and note.form_k is not None,
        instead_of=note.instead_of if note else None,
        followed_by=followed_by,
        next_partners=await _next(unit, referral, note) if waits and sends and note else [],
    )


def _refer_at(note: ReferralCase) -> str:
    """Where the same child is referred: from the case or, as long as there is none, from the incident (R-262)."""
    if note.case_id is not None:
        return f"/cases/{note.case_id}/refer?"
    return f"/incidents/{note.incident_id}/refer?child={note.participation_id}&"


async def _next(unit: Unit, declined: Referral, note: ReferralCase) -> list[Proposal]:
    """Who else offers the same service; without a case the bodies that act by law."""
    return [
        one
        for one in await proposals(unit)
        if one.service_type == declined.service_type
        and one.partner != declined.peer_tenant_id
        and (note.case_id is not None or one.is_by_law)
    ]
