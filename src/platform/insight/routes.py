"""What the school sees of itself, and its report to the parents' committee."""

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency

from src.platform.db.unit import Unit
from src.platform.insight import committee_routes, drawing, periods, views
from src.platform.insight.schemas import Insight
from src.platform.kit import i18n
from src.platform.kit.forms import question
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page
from src.platform.kit.payload import Field, Spec

NAV = (
    NavItem("/insight", N_("Situation at school"), views.READ, 31),
    NavItem("/committee-reports", N_("Parents’ committee"), views.READ, 59),
)
ASKED = Spec(Field("period", "enum", options=frozenset(periods.PERIODS)))
"""Nothing else narrows, and nothing orders: no child, no class, no register (R-069, R-070)."""


@get("/insight", permission="insight.read", name="insight.page")
async def insight(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[Insight]:
    """Five questions, hot spots and gaps of a period that ends today, over the incidents that I may see."""
    async with question(request, ASKED, again=lambda: _page(unit)) as values:
        return await _page(unit, **values)


async def _page(unit: Unit, **values: Any) -> Page[Insight]:
    view = await views.insight(unit, **values)
    i18n.use(unit.language)
    return Page(view, template="insight/insight.html", context=drawing.context(view, unit.language))


route_handlers = [insight, *committee_routes.route_handlers]
