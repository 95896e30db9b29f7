"""The page of the partner's inbox rules."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.referrals import inbox, opening
from src.platform.referrals.inbox import InboxRules
from src.platform.referrals.schemas import SERVICES

RULES = Spec(*(Field(key, "uuid") for key in SERVICES))
_AT = "/inbox/rules"


@get(_AT, permission=opening.ANSWER, name="referrals.inbox_rules")
async def rules(unit: NamedDependency[Unit]) -> Page[InboxRules]:
    """Who gets new referrals here."""
    return await _page(unit)


@post(_AT, permission=opening.ANSWER, name="referrals.keep_inbox_rules", status_code=200)
async def keep(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Say who gets new referrals here."""
    async with form(request, RULES, again=lambda: _page(unit)) as values:
        await inbox.keep(unit, values)
    return redirect("/inbox")


async def _page(unit: Unit) -> Page[InboxRules]:
    return Page(await inbox.rules(unit), template="referrals/inbox_rules.html", context={"services": SERVICES})


route_handlers = [rules, keep]
