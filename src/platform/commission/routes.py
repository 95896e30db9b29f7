"""Comprehensive assessments: the commission's, and copies for organisations that support the family."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.commission import inputs, readers, service, views
from src.platform.commission.referral_log import routes as referral_log
from src.platform.commission.schemas import AssessmentList, AssessmentView, CopyList, CopyView, OpenForm
from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect

READERS = readers.__name__
NAV = (
    NavItem("/assessments", N_("Assessments"), "assessment.read", 55),
    NavItem("/assessment-copies", N_("Reports of the commission"), "assessment_copy.read", 56),
    *referral_log.NAV,
)


@get("/assessments", permission="assessment.read", name="commission.assessments")
async def listing(unit: NamedDependency[Unit]) -> Page[AssessmentList]:
    """Assessments that I may see."""
    return Page(await views.listing(unit), template="commission/list.html")


@get("/referrals/{referral_id:uuid}/assessment", permission="assessment.open", name="commission.open_form")
async def open_form(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[OpenForm]:
    """Whom to appoint as the curator."""
    return await _open_page(unit, referral_id)


@post("/referrals/{referral_id:uuid}/assessment", permission="assessment.open", name="commission.open", status_code=200)
async def open_case(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Response[Any]:
    """Open a case with its curator."""
    async with form(request, inputs.OPEN, again=lambda: _open_page(unit, referral_id)) as values:
        await service.open_case(unit, referral_id, **values)
    return redirect(f"/assessments/{referral_id}")


@get("/assessments/{assessment_id:uuid}", permission="assessment.read", name="commission.assessment")
async def one(unit: NamedDependency[Unit], assessment_id: FromPath[UUID]) -> Page[AssessmentView]:
    """One report."""
    return await _page(unit, assessment_id)


@post(
    "/assessments/{assessment_id:uuid}",
    permission="assessment.write",
    kept=Kept("/assessments/{assessment_id}", inputs.WRITE, also=("people-",)),
    name="commission.write",
    status_code=200,
)
async def write(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], assessment_id: FromPath[UUID]
) -> Response[Any]:
    """Answer the questions of Form L."""
    async with form(request, inputs.WRITE, again=lambda: _page(unit, assessment_id)) as values:
        await service.write(unit, assessment_id, **values)
    return redirect(f"/assessments/{assessment_id}")


@post(
    "/assessments/{assessment_id:uuid}/close",
    permission="assessment.write",
    name="commission.close",
    status_code=200,
)
async def close(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], assessment_id: FromPath[UUID]
) -> Response[Any]:
    """Close the report with the family's answer."""
    async with form(request, inputs.CLOSE, again=lambda: _page(unit, assessment_id)) as values:
        await service.close(unit, assessment_id, **values)
    return redirect(f"/assessments/{assessment_id}")


@post("/assessments/{assessment_id:uuid}/give", permission="assessment.write", name="commission.give", status_code=200)
async def give(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], assessment_id: FromPath[UUID]
) -> Response[Any]:
    """Give the report to an organisation that supports the family."""
    async with form(request, inputs.GIVE, again=lambda: _page(unit, assessment_id)) as values:
        await service.give(unit, assessment_id, **values)
    return redirect(f"/assessments/{assessment_id}")


@get("/assessment-copies", permission="assessment_copy.read", name="commission.copies")
async def copies(unit: NamedDependency[Unit]) -> Page[CopyList]:
    """Reports that the commission gave to us."""
    return Page(await views.copies(unit), template="commission/copies.html")


@get("/assessment-copies/{copy_id:uuid}", permission="assessment_copy.read", name="commission.copy")
async def copy(unit: NamedDependency[Unit], copy_id: FromPath[UUID]) -> Page[CopyView]:
    """One of them."""
    return Page(await views.copy(unit, copy_id), template="commission/copy.html")


async def _page(unit: Unit, assessment_id: UUID) -> Page[AssessmentView]:
    return Page(await views.one(unit, assessment_id), template="commission/assessment.html")


async def _open_page(unit: Unit, referral_id: UUID) -> Page[OpenForm]:
    return Page(await views.open_form(unit, referral_id), template="commission/open.html")


route_handlers = [listing, open_form, open_case, one, write, close, give, copies, copy, *referral_log.route_handlers]
