"""The commission's own record of what schools refer outside education."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency

from src.platform.commission.referral_log import views
from src.platform.commission.referral_log.schemas import EntryList
from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page
from src.platform.kit.payload import Field, Spec

NAV = (NavItem("/referral-log", N_("Log of referrals"), views.READ, 57),)
ASKED = Spec(Field("school", "uuid"), Field("month", "int"), Field("service", "uuid"), Field("after", "text"))


@get("/referral-log", permission="referral_log_entry.read", name="commission.referral_log")
async def listing(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[EntryList]:
    """What schools refer outside education, by school, month (YYYYMM) and service."""
    async with question(request, ASKED, again=lambda: _page(unit)) as values:
        return await _page(unit, **values)


@post("/referral-log/names", permission="referral_log_entry.read", name="commission.log_names", status_code=200)
async def names(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[EntryList]:
    """The same page with the names of children of whom the commission has a case, for this one response."""
    async with form(request, ASKED, again=lambda: _page(unit)) as values:
        return await _page(unit, **values, with_names=True)


async def _page(unit: Unit, **asked: Any) -> Page[EntryList]:
    return Page(await views.listing(unit, **asked), template="commission/referral_log.html")


route_handlers = [listing, names]
