"""Agreements and referrals; what the partner does with them stands in `partner_routes`."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.referrals import (
    agreement_routes,
    glass,
    help_draft_routes,
    inbox_routes,
    link_routes,
    opening,
    partner_routes,
    readers,
    referring_routes,
    service,
    views,
)
from src.platform.referrals.schemas import ReferralList, ReferralView

READERS = readers.__name__, glass.__name__
NAV = (
    NavItem("/inbox", N_("Inbox"), "referral.answer", 49),
    NavItem("/referrals", N_("Referrals"), "referral.read", 50),
)
_VERSION = Field("version", "int", required=True)
LISTED = Spec(
    Field(
        "state", "enum", options=frozenset({"sent", "accepted", "declined", "recalled", "completed", "discontinued"})
    ),
    Field("clock", "enum", options=frozenset({"overdue", "amber", "open"})),
    Field("after", "text", most=200),
)
STEP = Spec(_VERSION)
DECLINE = Spec(
    _VERSION,
    Field("reason", "enum", required=True, options=frozenset({"no_capacity", "not_our_service", "cannot_reach"})),
)


@get("/referrals", permission="referral.read", name="referrals.list")
async def listing(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[ReferralList]:
    """Referrals of the school, or the partner's inbox."""
    async with question(request, LISTED) as values:
        return await _list_page(unit, **values)


@get("/referrals/{referral_id:uuid}", permission="referral.read", name="referrals.one")
async def one(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[ReferralView]:
    """One referral."""
    return await _page(unit, referral_id)


@post("/referrals/{referral_id:uuid}/open", permission="referral.open", name="referrals.open", status_code=200)
async def opened(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[ReferralView]:
    """Open what the school has sent."""
    await opening.opened(unit, referral_id)
    return Page(await views.opened(unit, referral_id), template="referrals/referral.html")


@post("/referrals/{referral_id:uuid}/recall", permission="referral.send", name="referrals.recall", status_code=200)
async def recall(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Take it back before it is answered."""
    async with form(request, STEP, again=lambda: _page(unit, referral_id)) as values:
        await service.recall(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}")


@post("/referrals/{referral_id:uuid}/accept", permission="referral.answer", name="referrals.accept", status_code=200)
async def accept(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Take the child."""
    async with form(request, STEP, again=lambda: _page(unit, referral_id)) as values:
        await service.accept(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}")


@post("/referrals/{referral_id:uuid}/decline", permission="referral.answer", name="referrals.decline", status_code=200)
async def decline(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Say no, with a reason."""
    async with form(request, DECLINE, again=lambda: _page(unit, referral_id)) as values:
        await service.decline(unit, referral_id, **values)
    return redirect(f"/referrals/{referral_id}")


async def _list_page(unit: Unit, **asked: str) -> Page[ReferralList]:
    return Page(await views.listing(unit, **asked), template="referrals/list.html")


async def _page(unit: Unit, referral_id: UUID) -> Page[ReferralView]:
    return Page(await views.one(unit, referral_id), template="referrals/referral.html")


route_handlers = [
    listing,
    *agreement_routes.route_handlers,
    *referring_routes.route_handlers,
    one,
    opened,
    recall,
    accept,
    decline,
    *partner_routes.route_handlers,
    *link_routes.route_handlers,
    *inbox_routes.route_handlers,
    *help_draft_routes.route_handlers,
]
