"""Asking for a name, deciding it, using it, withdrawing it."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.grants import glass, kinds, readers, service, views
from src.platform.grants.schemas import GrantList, GrantView, NewGrant, Shown
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.vault import granted

NAV = (NavItem("/grants", N_("Access for a while"), kinds.FOLLOW, 64),)
READERS = readers.__name__
_GRANTS, _ONE = "/grants", "/grants/{grant_id:uuid}"
ASK = Spec(
    Field("number", "text", required=True, most=20),
    Field("code", "text", required=True, most=40),
    Field("fields", "multi_enum", required=True, options=frozenset(granted.FIELDS)),
    Field("purpose", "enum", required=True, options=frozenset(service.PURPOSES)),
    Field("reason", "longtext", required=True, most=2_000),
    Field("hours", "int", required=True),
)
BREAK = Spec(
    Field("record", "text", required=True, most=20),
    Field("purpose", "enum", required=True, options=frozenset(glass.PURPOSES)),
    Field("reason", "longtext", required=True, most=2_000),
    Field("hours", "int", required=True),
)
REVIEW = Spec(Field("version", "int", required=True), Field("text", "longtext", required=True, most=4_000))
STEP = Spec(Field("version", "int", required=True))


@get(_GRANTS, permission=kinds.FOLLOW, name="grants.list")
async def listing(unit: NamedDependency[Unit]) -> Page[GrantList]:
    """My requests, and those of colleagues that I may decide."""
    return Page(await views.listing(unit), template="grants/list.html")


@get("/grants/new", permission=kinds.ASK, name="grants.new")
async def new(unit: NamedDependency[Unit]) -> Page[NewGrant]:
    """The form for names."""
    return await _new(unit)


@post(_GRANTS, permission=kinds.ASK, kept=Kept("/grants/new", ASK), name="grants.ask", status_code=200)
async def ask(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Ask who somebody is."""
    async with form(request, ASK, again=lambda: _new(unit)) as values:
        grant = await service.ask(unit, **values)
    return redirect(f"/grants/{grant}")


@get(_ONE, permission=kinds.FOLLOW, name="grants.one")
async def one(unit: NamedDependency[Unit], grant_id: FromPath[UUID]) -> Page[GrantView]:
    """One request."""
    return await _page(unit, grant_id)


@post(_ONE + "/agree", permission=kinds.FOLLOW, name="grants.agree", status_code=200)
async def agree(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], grant_id: FromPath[UUID]
) -> Response[Any]:
    """Agree to what a colleague asks."""
    async with form(request, STEP, again=lambda: _page(unit, grant_id)) as values:
        await service.agree(unit, grant_id, **values)
    return redirect(f"/grants/{grant_id}")


@post(_ONE + "/refuse", permission=kinds.FOLLOW, name="grants.refuse", status_code=200)
async def refuse(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], grant_id: FromPath[UUID]
) -> Response[Any]:
    """Refuse it."""
    async with form(request, STEP, again=lambda: _page(unit, grant_id)) as values:
        await service.refuse(unit, grant_id, **values)
    return redirect(f"/grants/{grant_id}")


@post(_ONE + "/withdraw", permission=kinds.FOLLOW, name="grants.withdraw", status_code=200)
async def withdraw(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], grant_id: FromPath[UUID]
) -> Response[Any]:
    """End it now."""
    async with form(request, STEP, again=lambda: _page(unit, grant_id)) as values:
        await service.withdraw(unit, grant_id, **values)
    return redirect(f"/grants/{grant_id}")


@post(_ONE + "/use", permission=kinds.ASK, name="grants.use", status_code=200)
async def use(request: Request[Any, Any, Any], unit: NamedDependency[Unit], grant_id: FromPath[UUID]) -> Page[Shown]:
    """See what was granted; each press is recorded."""
    async with form(request, Spec(), again=lambda: _page(unit, grant_id)):
        shown = await service.use(unit, grant_id)
    return Page(shown, template="grants/shown.html", led_to=f"/grants/{grant_id}")


@get("/glass/new", permission=kinds.FOLLOW, name="grants.new_glass")
async def new_glass(unit: NamedDependency[Unit]) -> Page[NewGrant]:
    """The form for a record."""
    return await _new_glass(unit)


@post("/glass", permission=kinds.FOLLOW, kept=Kept("/glass/new", BREAK), name="grants.break", status_code=200)
async def break_glass(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Ask a second person to break the glass."""
    async with form(request, BREAK, again=lambda: _new_glass(unit)) as values:
        grant = await glass.ask(unit, **values)
    return redirect(f"/grants/{grant}")


@post(_ONE + "/review", permission=kinds.FOLLOW, name="grants.review", status_code=200)
async def review(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], grant_id: FromPath[UUID]
) -> Response[Any]:
    """Everything that was seen under broken glass was looked at."""
    async with form(request, REVIEW, again=lambda: _page(unit, grant_id)) as values:
        await glass.review(unit, grant_id, **values)
    return redirect(f"/grants/{grant_id}")


async def _new_glass(unit: Unit) -> Page[NewGrant]:
    return Page(await glass.new(unit), template="grants/glass.html")


async def _new(unit: Unit) -> Page[NewGrant]:
    return Page(await views.new(unit), template="grants/new.html")


async def _page(unit: Unit, grant_id: UUID) -> Page[GrantView]:
    return Page(await views.one(unit, grant_id), template="grants/one.html")


route_handlers = [listing, new, ask, one, agree, refuse, withdraw, use, new_glass, break_glass, review]
