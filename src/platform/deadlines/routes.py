"""The home page: what is due."""

import msgspec
from litestar import get
from litestar.di import NamedDependency

from src.platform.access import service as access
from src.platform.db import demo
from src.platform.db.unit import Unit
from src.platform.deadlines import clock_routes, obligation_routes, service
from src.platform.deadlines.service import Due, Tile
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page, Redirected, redirect

_FAMILY, _FAMILY_HOME = "report.tell", "/start"  # students and parents, whose home stands above this module
NAV = (NavItem("/", N_("What is due"), "signed_in", 10, unless=_FAMILY),)


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Running clocks of the person, the earliest first, and whether they may report violence.

    `tiles` count records by their next term, for who sees every clock of the organisation; a demo has a tour.
    """

    rows: list[Due]
    may_report: bool
    tiles: list[Tile] = []
    has_tour: bool = False


@get("/", permission="signed_in", name="deadlines.home")
async def home(unit: NamedDependency[Unit]) -> Page[Home] | Redirected:
    """The first page after signing in."""
    if access.may_enter(unit.me, _FAMILY):
        return redirect(_FAMILY_HOME)
    rows = await service.due_for_me(unit)
    found = Home(
        rows=rows,
        may_report=access.may_enter(unit.me, "report.submit"),
        tiles=service.tiles(unit, rows),
        has_tour=await demo.is_demo(unit),
    )
    return Page(found, template="deadlines/home.html")


route_handlers = [home, *clock_routes.route_handlers, *obligation_routes.route_handlers]
