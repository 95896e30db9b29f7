"""Who works here and who is invited, for who keeps the people of an organisation."""

from uuid import UUID

from src.platform.access import catalogue
from src.platform.access import service as access
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.joining import recovery_repository, recovery_views, repository, service
from src.platform.joining.models import Invitation
from src.platform.joining.schemas import (
    InvitationRow,
    InvitationView,
    InvitePage,
    MemberRow,
    MembersPage,
    MemberView,
)
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import sort_key
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Employee
from src.platform.vault import service as vault


async def members(unit: Unit) -> MembersPage:
    """Everybody who works here by the Kazakh alphabet, and the invitations that wait. Names are school-internal."""
    access.require(unit, "member.keep")
    now = clock.now()
    reads = (repository.all_waiting(), recovery_repository.all_waiting(now), tenants.all_tenants())
    await together.prefetch(unit.session, tenants.all_members(), *reads)
    staff = [one for one in await tenants.employees(unit) if service.given(unit, one.roles)]
    names = await vault.staff_names(unit, [one.person_id for one in staff])
    by_user = {one.user_id: names.get(one.person_id, "") for one in staff}
    rows = [
        MemberRow(
            id=one.membership_id,
            name=names.get(one.person_id, ""),
            roles=[*service.given(unit, one.roles), *service.by_order(unit, one.roles)],
            since=one.since,
            me=one.membership_id == unit.me.membership_id,
        )
        for one in staff
    ]
    invitations = [_row(one, by_user) for one in await repository.waiting(unit)]
    return MembersPage(
        members=sorted(rows, key=lambda row: sort_key(row.name)),
        invitations=invitations,
        recoveries=await recovery_views.waiting(unit, now, by_user),
        programs=access.may_enter(unit.me, "api_token.keep"),
    )


def invite(unit: Unit) -> InvitePage:
    """What an invitation may carry."""
    access.require(unit, "member.keep")
    return InvitePage(roles=list(catalogue.roles_of(unit.me.tenant_kind).all))


async def member(unit: Unit, membership_id: UUID) -> MemberView:
    """One colleague. Raises NotFound alike for foreign, gone and unknown ids (S-12)."""
    access.require(unit, "member.keep")
    found = await _employee(unit, membership_id)
    names = await vault.staff_names(unit, [found.person_id])
    return MemberView(
        id=membership_id,
        name=names.get(found.person_id, ""),
        roles=service.given(unit, found.roles),
        by_order=service.by_order(unit, found.roles),
        since=found.since,
        version=found.version,
        me=membership_id == unit.me.membership_id,
        may_give=list(catalogue.roles_of(unit.me.tenant_kind).all),
    )


async def invitation(unit: Unit, invitation_id: UUID) -> InvitationView:
    """One invitation that waits. Raises NotFound alike for foreign, used, revoked and unknown ids (S-12)."""
    access.require(unit, "member.keep")
    found = await repository.one(unit, invitation_id)
    if found is None or not repository.is_waiting(found):
        raise NotFound
    return InvitationView(
        id=found.id,
        roles=found.roles,
        made_at=found.made_at,
        expires_at=found.expires_at,
        ended=not repository.is_open(found, clock.now()),
        version=found.version,
    )


async def _employee(unit: Unit, membership_id: UUID) -> Employee:
    for one in await tenants.employees(unit):
        if one.membership_id == membership_id and service.given(unit, one.roles):
            return one
    raise NotFound


def _row(row: Invitation, by_user: dict[UUID, str]) -> InvitationRow:
    return InvitationRow(
        id=row.id,
        roles=row.roles,
        made_at=row.made_at,
        made_by=by_user.get(row.made_by, "") if row.made_by else "",
        expires_at=row.expires_at,
        ended=not repository.is_open(row, clock.now()),
        version=row.version,
    )
