"""The city’s pages."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit import i18n
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.media import PDF, XLSX
from src.platform.kit.page import NavItem, Page
from src.platform.kit.payload import Field, Spec
from src.platform.oversight import city_pages, city_papers, partner_routes, release_routes, views
from src.platform.oversight.letters import routes as letters
from src.platform.oversight.schemas import CityMonth

NAV = (
    NavItem("/city", N_("Schools in time"), "oversight.read", 60),
    NavItem("/statistics", N_("Statistics about children"), "oversight.read", 61),
    *partner_routes.NAV,
    *letters.NAV,
)
ASKED = Spec(Field("month", "int"), Field("district", "uuid"))
"""Nothing else narrows, and nothing orders: no school, no count of incidents or of a register (R-069, S-17)."""
PAGED = Spec(*ASKED, Field("after", "uuid"))


@get("/city", permission="oversight.read", name="oversight.city")
async def city(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[CityMonth]:
    """What every school did in time in a month (YYYYMM) that is over, by name, fifty from the one behind `after`."""
    async with question(request, PAGED, again=lambda: _page(unit)) as values:
        return await _page(unit, **values)


@get("/city/measures/{measure:str}", permission="oversight.read", name="oversight.measure")
async def measure(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], measure: FromPath[str]
) -> Page[CityMonth]:
    """What stands behind one tile: its trend, its districts, its schools."""
    async with question(request, PAGED, again=lambda: _page(unit, measure=measure)) as values:
        return await _page(unit, measure=measure, **values)


@post("/city/xlsx", permission="oversight.read", name="oversight.city_xlsx", gives=(XLSX,), status_code=200)
async def spreadsheet(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[bytes]:
    """The month as a spreadsheet; taking it is recorded."""
    async with form(request, ASKED, again=lambda: _page(unit)) as values:
        view = await _taken(unit, "xlsx", **values)
    made = await city_papers.spreadsheet(unit, view)
    return release_routes.file(made, XLSX, f"schools-{view.state}.xlsx")


@post("/city/pdf", permission="oversight.read", name="oversight.city_pdf", gives=(PDF,), status_code=200)
async def paper(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[bytes]:
    """The month on paper; taking it is recorded."""
    async with form(request, ASKED, again=lambda: _page(unit)) as values:
        view = await _taken(unit, "pdf", **values)
    return release_routes.file(await city_papers.paper(unit, view), PDF, f"schools-{view.state}.pdf")


async def _taken(unit: Unit, way: str, **values: Any) -> CityMonth:
    return await views.city_month(unit, values.get("month"), values.get("district"), way=way)


async def _page(unit: Unit, **values: Any) -> Page[CityMonth]:
    asked = (values.get(name) for name in ("month", "district", "measure"))
    view = await views.city_month(unit, *asked, after=values.get("after"))
    template = "oversight/measure.html" if view.measure else "oversight/city.html"
    return Page(view, template=template, context=_words(unit, view))


def _words(unit: Unit, view: CityMonth) -> dict[str, Any]:
    i18n.use(unit.language)
    return {**city_pages.context(view), "explained": city_papers.explanation()}


READERS = letters.READERS
route_handlers = [
    city,
    measure,
    spreadsheet,
    paper,
    *release_routes.route_handlers,
    *partner_routes.route_handlers,
    *letters.route_handlers,
]
