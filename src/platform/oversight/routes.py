"""The city’s pages."""

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency

from src.platform.db.unit import Unit
from src.platform.kit.forms import question
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page
from src.platform.kit.payload import Field, Spec
from src.platform.oversight import release_routes, service
from src.platform.oversight.schemas import CityMonth

NAV = (
    NavItem("/city", N_("Schools in time"), "oversight.read", 60),
    NavItem("/statistics", N_("Statistics about children"), "oversight.read", 61),
)
_ASKED = Spec(Field("month", "int"))
"""Schools stand by name: no parameter puts them in the order of any count (R-069)."""


@get("/city", permission="oversight.read", name="oversight.city")
async def city(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[CityMonth]:
    """What every school did in time in a month (YYYYMM)."""
    async with question(request, _ASKED, again=lambda: _present(unit)) as values:
        found = await service.city_month(unit, values.get("month"))
    return Page(found, template="oversight/city.html")


async def _present(unit: Unit) -> Page[CityMonth]:
    return Page(await service.city_month(unit, None), template="oversight/city.html")


route_handlers = [city, *release_routes.route_handlers]
