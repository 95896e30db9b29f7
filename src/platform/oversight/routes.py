"""The city's page."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from src.platform.db.unit import Unit
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page
from src.platform.oversight import service
from src.platform.oversight.schemas import CityMonth

NAV = (NavItem("/city", N_("Schools in time"), "oversight.read", 60),)


@get("/city", permission="oversight.read", name="oversight.city")
async def city(
    unit: NamedDependency[Unit], month: Annotated[int | None, QueryParameter(name="month")] = None
) -> Page[CityMonth]:
    """What every school did in time in a month (YYYYMM)."""
    return Page(await service.city_month(unit, month), template="oversight/city.html")


route_handlers = [city]
