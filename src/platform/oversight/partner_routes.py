"""Partners on the city's page: how punctual, which agreements end; as a spreadsheet and on paper."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit import i18n
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.media import PDF, XLSX
from src.platform.kit.page import NavItem, Page
from src.platform.kit.payload import Field, Spec
from src.platform.oversight import partner_papers, partners, release_routes
from src.platform.oversight.schemas import CityPartners

NAV = (NavItem("/city/partners", N_("Partners in time"), "oversight.read", 62),)
_ASKED = Spec(Field("month", "int"))
"""Nothing else narrows, and nothing orders: no school, no district, no kind of service (ADR 29)."""


@get("/city/partners", permission="oversight.read", name="oversight.partners")
async def listed(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[CityPartners]:
    """Partners in a month (YYYYMM) that is over; agreements that end; schools without one."""
    async with question(request, _ASKED, again=lambda: _page(unit)) as values:
        return await _page(unit, values.get("month"))


@post(
    "/city/partners/xlsx", permission="oversight.read", name="oversight.partners_xlsx", gives=(XLSX,), status_code=200
)
async def spreadsheet(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[bytes]:
    """The same as a spreadsheet; taking it is recorded."""
    async with form(request, _ASKED, again=lambda: _page(unit)) as values:
        view = await partners.city_partners(unit, values.get("month"), way="xlsx")
    made = await partner_papers.spreadsheet(request, unit, view)
    return release_routes.file(made, XLSX, f"partners-{view.state}.xlsx")


@post("/city/partners/pdf", permission="oversight.read", name="oversight.partners_pdf", gives=(PDF,), status_code=200)
async def paper(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[bytes]:
    """The same on paper; taking it is recorded."""
    async with form(request, _ASKED, again=lambda: _page(unit)) as values:
        view = await partners.city_partners(unit, values.get("month"), way="pdf")
    made = await partner_papers.paper(request, unit, view)
    return release_routes.file(made, PDF, f"partners-{view.state}.pdf")


async def _page(unit: Unit, month: int | None = None) -> Page[CityPartners]:
    view = await partners.city_partners(unit, month)
    i18n.use(unit.language)
    context = {"asked_of": partner_papers.sentence, "explained": partner_papers.explanation(view)}
    return Page(view, template="oversight/partners.html", context=context)


route_handlers = [listed, spreadsheet, paper]
