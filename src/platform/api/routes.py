"""Tokens of the organisation's programs: made, shown once, revoked."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.api import service
from src.platform.api.schemas import TokenPaper, TokensPage
from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec

_PATH = "/api-tokens"
NEW = Spec(
    Field("name", "text", required=True, most=100),
    Field("scopes", "text", required=True, many=True, most=60),
    Field("days", "int", required=True),
)
STEP = Spec()


@get(_PATH, permission=service.KEEP, name="api.tokens")
async def tokens(unit: NamedDependency[Unit]) -> Page[TokensPage]:
    """The tokens of the organisation, and the form for a new one."""
    return await _page(unit)


@post(_PATH, permission=service.KEEP, name="api.make_token", status_code=200)
async def make(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[TokenPaper]:
    """A new token; it is shown on this page and never again."""
    async with form(request, NEW, again=lambda: _page(unit)) as values:
        paper = await service.make(unit, **values)
    return Page(paper, template="api/token.html", led_to=_PATH)


@post(_PATH + "/{token_id:uuid}/revoke", permission=service.KEEP, name="api.revoke_token", status_code=200)
async def revoke(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], token_id: FromPath[UUID]
) -> Response[Any]:
    """One press: the token opens nothing from now on."""
    async with form(request, STEP, again=lambda: _page(unit)):
        await service.revoke(unit, token_id)
    return redirect(_PATH)


async def _page(unit: Unit) -> Page[TokensPage]:
    return Page(await service.page(unit), template="api/tokens.html")


route_handlers = [tokens, make, revoke]
