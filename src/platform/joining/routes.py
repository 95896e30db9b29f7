"""Coming in with a code, the people of an organisation, and the region operator's first invitation."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.accounts import session_cookie
from src.platform.db.unit import Unit
from src.platform.joining import recovery_routes, service, views
from src.platform.joining.schemas import (
    InvitationView,
    InvitePage,
    JoinPage,
    MembersPage,
    MemberView,
    Newcomer,
    Paper,
)
from src.platform.kit.forms import form
from src.platform.kit.i18n import LANGUAGES, N_
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.tenants import service as tenants
from src.platform.tenants import views as tenant_pages
from src.platform.tenants.schemas import NewOrganisation, OrganisationList, OrganisationView

NAV = (NavItem("/members", N_("Employees"), "member.keep", 78),)
JOIN = Spec(
    Field("code", "text", required=True, most=60),
    Field("account", "enum", required=True, options=frozenset(service.ACCOUNTS)),
    Field("family_name", "text", required=True, most=100),
    Field("given_name", "text", required=True, most=100),
    Field("patronymic", "text", most=100),
    Field("phone", "text", most=30),
    Field("sign_in", "text", required=True, most=200),
    Field("password", "secret", required=True),
    Field("language", "enum", required=True, options=frozenset(LANGUAGES)),
)
INVITE = Spec(Field("roles", "text", required=True, many=True, most=60))
ROLES = Spec(Field("version", "int", required=True), *INVITE)
STEP = Spec(Field("version", "int", required=True))
CREATE = Spec(
    Field("kind", "enum", required=True, options=tenants.KINDS - {tenants.OPERATOR}),
    Field("code", "text", required=True, most=12),
    Field("slug", "text", required=True, most=60),
    Field("name_kk", "text", required=True),
    Field("name_ru", "text", required=True),
    Field("name_en", "text", required=True),
    Field("district_id", "uuid"),
)


@get("/join", name="joining.form")
async def join_form() -> Page[JoinPage]:
    """Ask for the code. It comes typed, or from behind the # of a link, and stands in no address that is sent."""
    return _join_page()


@post("/join", name="joining.join", status_code=200)
async def join(request: Request[Any, Any, Any]) -> Response[Any]:
    """Come in, and be signed in."""
    async with form(request, JOIN, again=_join_again) as values:
        opened = await service.join(Newcomer(**values))
    return redirect("/", cookies=[session_cookie.keep(opened.token)])


@get("/members", permission="member.keep", name="joining.members")
async def members(unit: NamedDependency[Unit]) -> Page[MembersPage]:
    """Who works here, and who is invited."""
    return Page(await views.members(unit), template="joining/members.html")


@get("/members/invite", permission="member.keep", name="joining.invite_form")
async def invite_form(unit: NamedDependency[Unit]) -> Page[InvitePage]:
    """Ask for the roles."""
    return await _invite_page(unit)


@post("/members/invite", permission="member.keep", name="joining.invite", status_code=200)
async def invite(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[Paper]:
    """Invite a colleague; the code is shown on this page and never again."""
    async with form(request, INVITE, again=lambda: _invite_page(unit)) as values:
        paper = await service.invite(unit, values["roles"])
    return _paper_page(paper, back="/members")


@get("/members/{membership_id:uuid}", permission="member.keep", name="joining.member")
async def member(unit: NamedDependency[Unit], membership_id: FromPath[UUID]) -> Page[MemberView]:
    """One colleague."""
    return await _member_page(unit, membership_id)


@post("/members/{membership_id:uuid}/roles", permission="member.keep", name="joining.roles", status_code=200)
async def roles(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], membership_id: FromPath[UUID]
) -> Response[Any]:
    """Give a colleague these roles."""
    async with form(request, ROLES, again=lambda: _member_page(unit, membership_id)) as values:
        await service.assign_roles(unit, membership_id, **values)
    return redirect("/members")


@get("/members/{membership_id:uuid}/end", permission="member.keep", name="joining.end_form")
async def end_form(unit: NamedDependency[Unit], membership_id: FromPath[UUID]) -> Page[MemberView]:
    """What ending a membership does."""
    return await _end_page(unit, membership_id)


@post("/members/{membership_id:uuid}/end", permission="member.keep", name="joining.end", status_code=200)
async def end(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], membership_id: FromPath[UUID]
) -> Response[Any]:
    """Somebody works here no longer."""
    async with form(request, STEP, again=lambda: _end_page(unit, membership_id)) as values:
        await service.end(unit, membership_id, **values)
    return redirect("/members")


@get("/invitations/{invitation_id:uuid}", permission="member.keep", name="joining.invitation")
async def invitation(unit: NamedDependency[Unit], invitation_id: FromPath[UUID]) -> Page[InvitationView]:
    """One invitation that waits, without its code."""
    return await _invitation_page(unit, invitation_id)


@post("/invitations/{invitation_id:uuid}/renew", permission="member.keep", name="joining.renew", status_code=200)
async def renew(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], invitation_id: FromPath[UUID]
) -> Page[Paper]:
    """Make a new code for the same roles; it is shown on this page and never again."""
    async with form(request, STEP) as values:
        paper = await service.renew(unit, invitation_id, **values)
    return _paper_page(paper, back="/members")


@post("/invitations/{invitation_id:uuid}/revoke", permission="member.keep", name="joining.revoke", status_code=200)
async def revoke(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], invitation_id: FromPath[UUID]
) -> Response[Any]:
    """Let the paper open nothing."""
    async with form(request, STEP) as values:
        await service.revoke(unit, invitation_id, **values)
    return redirect("/members")


@post("/organisations", permission="tenant.create", name="joining.create", status_code=200)
async def create(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[Paper]:
    """Create an organisation; the code for its first person is shown on this page and never again."""
    async with form(request, CREATE, again=lambda: _organisations_page(unit)) as values:
        paper = await service.create(unit, NewOrganisation(**values))
    return _paper_page(paper, back="/organisations")


@post("/organisations/{tenant_id:uuid}/invite", permission="tenant.create", name="joining.invite_head", status_code=200)
async def invite_head(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], tenant_id: FromPath[UUID]
) -> Page[Paper]:
    """Invite the first person once more."""
    async with form(request, Spec(), again=lambda: _organisation_page(unit, tenant_id)):
        paper = await service.invite_head(unit, tenant_id)
    return _paper_page(paper, back=f"/organisations/{tenant_id}")


def _join_page() -> Page[JoinPage]:
    return Page(JoinPage(list(LANGUAGES)), template="joining/join.html")


async def _join_again() -> Page[JoinPage]:
    return _join_page()


def _paper_page(paper: Paper, *, back: str) -> Page[Paper]:
    return Page(paper, template="joining/paper.html", context={"back": back}, led_to=back)


async def _invite_page(unit: Unit) -> Page[InvitePage]:
    return Page(views.invite(unit), template="joining/invite.html")


async def _member_page(unit: Unit, membership_id: UUID) -> Page[MemberView]:
    return Page(await views.member(unit, membership_id), template="joining/member.html")


async def _end_page(unit: Unit, membership_id: UUID) -> Page[MemberView]:
    return Page(await views.member(unit, membership_id), template="joining/end.html")


async def _invitation_page(unit: Unit, invitation_id: UUID) -> Page[InvitationView]:
    return Page(await views.invitation(unit, invitation_id), template="joining/invitation.html")


async def _organisations_page(unit: Unit) -> Page[OrganisationList]:
    return Page(await tenant_pages.listing(unit), template="tenants/organisations.html")


async def _organisation_page(unit: Unit, tenant_id: UUID) -> Page[OrganisationView]:
    return Page(await tenant_pages.one(unit, tenant_id), template="tenants/organisation.html")


route_handlers = [
    join_form,
    join,
    members,
    invite_form,
    invite,
    member,
    roles,
    end_form,
    end,
    invitation,
    renew,
    revoke,
    create,
    invite_head,
    *recovery_routes.route_handlers,
]
