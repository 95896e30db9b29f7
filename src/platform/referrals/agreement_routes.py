"""Agreements: drafted, signed, printed, taken back, ended."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.kept import Kept
from src.platform.kit.media import PDF
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.referrals import agreement_views, agreements, views
from src.platform.referrals.agreement_views import AgreementView
from src.platform.referrals.schemas import CONTRACT_FIELDS, SERVICES, ReferralList

AGREE = Spec(
    Field("partner", "uuid", required=True),
    Field("service_types", "multi_enum", required=True, options=frozenset(SERVICES)),
    Field("contract_fields", "multi_enum", options=frozenset(CONTRACT_FIELDS)),
    Field("procedure", "longtext", required=True),
    Field("contacts", "text", required=True),
    Field("weekly_report_duty", "bool"),
    Field("biweekly_attendance_duty", "bool"),
    Field("confidentiality", "bool"),
    Field("valid_from", "date", required=True),
    Field("valid_to", "date", required=True),
)
_VERSION = Field("version", "int", required=True)
STEP = Spec(_VERSION)
END = Spec(_VERSION, Field("reason", "text", required=True))
PAPER = Spec(Field("language", "enum", required=True, options=frozenset({"kk", "ru"})))
_ONE = "/agreements/{agreement_id:uuid}"


@post(
    "/agreements",
    permission=agreements.DRAFT,
    kept=Kept("/referrals", AGREE),
    name="referrals.agree",
    status_code=200,
)
async def agree(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Draft an agreement."""
    async with form(request, AGREE, again=lambda: _list_page(unit)) as values:
        partner = values.pop("partner")
        terms = agreements.Terms(**{"contract_fields": [], **values})
        agreement_id = await agreements.draft(unit, partner, terms)
    return redirect(f"/agreements/{agreement_id}")


@get(_ONE, permission=agreement_views.READ, name="referrals.agreement")
async def one(unit: NamedDependency[Unit], agreement_id: FromPath[UUID]) -> Page[AgreementView]:
    """One agreement."""
    return await _page(unit, agreement_id)


@post(_ONE + "/sign", permission=agreements.SIGN, name="referrals.sign", status_code=200)
async def sign(unit: NamedDependency[Unit], agreement_id: FromPath[UUID]) -> Response[Any]:
    """Sign an agreement for the own side."""
    await agreements.sign(unit, agreement_id)
    return redirect(f"/agreements/{agreement_id}")


@post(_ONE + "/discard", permission=agreements.DRAFT, name="referrals.discard_agreement", status_code=200)
async def discard(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], agreement_id: FromPath[UUID]
) -> Response[Any]:
    """Take a draft back."""
    async with form(request, STEP, again=lambda: _page(unit, agreement_id)) as values:
        await agreements.discard(unit, agreement_id, **values)
    return redirect("/referrals")


@post(_ONE + "/end", permission=agreements.SIGN, name="referrals.end_agreement", status_code=200)
async def end(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], agreement_id: FromPath[UUID]
) -> Response[Any]:
    """End an agreement, with a reason."""
    async with form(request, END, again=lambda: _page(unit, agreement_id)) as values:
        await agreements.end(unit, agreement_id, **values)
    return redirect(f"/agreements/{agreement_id}")


@post(_ONE + "/paper", permission=agreement_views.READ, name="referrals.agreement_paper", gives=(PDF,), status_code=200)
async def paper(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], agreement_id: FromPath[UUID]
) -> Response[bytes]:
    """The agreement as PDF."""
    async with form(request, PAPER) as values:
        made = await agreement_views.paper(unit, agreement_id, values["language"])
    headers = {"Content-Disposition": 'attachment; filename="agreement.pdf"'}
    return Response(made, media_type=PDF, headers=headers)


async def _page(unit: Unit, agreement_id: UUID) -> Page[AgreementView]:
    return Page(await agreement_views.one(unit, agreement_id), template="referrals/agreement.html")


async def _list_page(unit: Unit) -> Page[ReferralList]:
    return Page(await views.listing(unit), template="referrals/list.html")


route_handlers = [agree, one, sign, discard, end, paper]
