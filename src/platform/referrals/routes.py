"""Agreements and referrals; what the partner does with them stands in `partner_routes`."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.referrals import link_routes, partner_routes, readers, service, views
from src.platform.referrals.schemas import CONTRACT_FIELDS, SERVICES, ReferForm, ReferralList, ReferralView

READERS = readers.__name__
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
AGREE = Spec(
    Field("partner", "uuid", required=True),
    Field("service_types", "multi_enum", required=True, options=frozenset(SERVICES)),
    Field("contract_fields", "multi_enum", options=frozenset(CONTRACT_FIELDS)),
    Field("valid_from", "date", required=True),
    Field("valid_to", "date", required=True),
)
REFER = Spec(
    Field("partner", "uuid", required=True),
    Field("service_type", "enum", required=True, options=frozenset(SERVICES)),
    Field("reason", "longtext", required=True),
    Field("read_for_identities", "bool"),
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


@post(
    "/agreements",
    permission="agreement.draft",
    kept=Kept("/referrals", AGREE),
    name="referrals.agree",
    status_code=200,
)
async def agree(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Draft and sign an agreement for the school."""
    async with form(request, AGREE, again=lambda: _list_page(unit)) as values:
        await service.agree(unit, **{"contract_fields": [], **values})
    return redirect("/referrals")


@post("/agreements/{agreement_id:uuid}/sign", permission="agreement.sign", name="referrals.sign", status_code=200)
async def sign(unit: NamedDependency[Unit], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Sign an agreement for the partner."""
    await service.sign(unit, agreement_id)
    return redirect("/referrals")


@post(
    "/cases/{case_id:uuid}/refer",
    permission="child_case.refer",
    kept=Kept(
        "/cases/{case_id}/refer?partner={partner}&service={service_type}", REFER, apart=("partner", "service_type")
    ),
    name="referrals.refer",
    status_code=200,
)
async def refer(request: Request[Any, Any, Any], unit: NamedDependency[Unit], case_id: FromPath[UUID]) -> Response[Any]:
    """Refer the child of a case."""
    async with form(request, REFER, again=lambda: _case_page(unit, case_id)) as values:
        referral_id = await service.refer(unit, case_id, **values)
    return redirect(f"/referrals/{referral_id}")


@get("/cases/{case_id:uuid}/refer", permission="child_case.refer", name="referrals.refer_form")
async def refer_form(
    unit: NamedDependency[Unit],
    case_id: FromPath[UUID],
    partner: Annotated[UUID | None, QueryParameter(name="partner")] = None,
    service_type: Annotated[str | None, QueryParameter(name="service")] = None,
) -> Page[ReferForm]:
    """To whom and for what; with both chosen, what they will be told and why."""
    return await _case_page(unit, case_id, partner=partner, service_type=service_type)


@get("/referrals/{referral_id:uuid}", permission="referral.read", name="referrals.one")
async def one(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[ReferralView]:
    """One referral."""
    return await _page(unit, referral_id)


@post("/referrals/{referral_id:uuid}/open", permission="referral.open", name="referrals.open", status_code=200)
async def opened(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[ReferralView]:
    """Open what the school has sent."""
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


async def _case_page(unit: Unit, case_id: UUID, **chosen: object) -> Page[ReferForm]:
    return Page(await views.refer_form(unit, case_id), template="referrals/refer.html", context={"values": chosen})


route_handlers = [
    listing,
    agree,
    sign,
    refer,
    refer_form,
    one,
    opened,
    recall,
    accept,
    decline,
    *partner_routes.route_handlers,
    *link_routes.route_handlers,
]
