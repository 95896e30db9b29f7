"""Children's cases."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.casework import monitoring, readers, service
from src.platform.casework.schemas import CaseList, CaseView
from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec

READERS = readers.__name__
NAV = (NavItem("/cases", N_("Children’s cases"), "child_case.read", 40),)
MONITOR = Spec(Field("text", "longtext", required=True), Field("stopped", "bool"))
APPOINT = Spec(Field("version", "int", required=True), Field("manager", "uuid", required=True))

LISTED = Spec(Field("state", "enum", options=frozenset({"opened", "active"})), Field("after", "text", most=200))


@get("/cases", permission="child_case.read", name="casework.list")
async def listing(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[CaseList]:
    """Cases that I may see."""
    async with question(request, LISTED) as values:
        found = await service.listing(unit, **values)
    return Page(found, template="casework/list.html")


@get("/cases/{case_id:uuid}", permission="child_case.read", name="casework.one")
async def one(unit: NamedDependency[Unit], case_id: FromPath[UUID]) -> Page[CaseView]:
    """One case."""
    return await _page(unit, case_id)


@post("/cases/{case_id:uuid}/name", permission="child_case.read", name="casework.name", status_code=200)
async def name(unit: NamedDependency[Unit], case_id: FromPath[UUID]) -> Page[CaseView]:
    """Show the child's name for this one response."""
    return Page(await service.name(unit, case_id), template="casework/case.html")


@post("/cases/{case_id:uuid}/manager", permission="child_case.appoint", name="casework.appoint", status_code=200)
async def appoint(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], case_id: FromPath[UUID]
) -> Response[Any]:
    """Appoint a case manager."""
    async with form(request, APPOINT, again=lambda: _page(unit, case_id)) as values:
        await service.appoint(unit, case_id, **values)
    return redirect(f"/cases/{case_id}")


@post(
    "/cases/{case_id:uuid}/monitoring",
    permission="child_case.monitor",
    kept=Kept("/cases/{case_id}", MONITOR),
    name="casework.monitor",
    status_code=200,
)
async def monitor(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], case_id: FromPath[UUID]
) -> Response[Any]:
    """What was seen of a victim, and whether violence has stopped."""
    async with form(request, MONITOR, again=lambda: _page(unit, case_id, left_over=True)) as values:
        await monitoring.note(unit, case_id, **values)
    return redirect(f"/cases/{case_id}")


async def _page(unit: Unit, case_id: UUID, *, left_over: bool = False) -> Page[CaseView]:
    """`left_over`: what was typed into a form that is gone is shown here."""
    view = await service.one(unit, case_id)
    return Page(view, template="casework/case.html", context={"left_over": left_over and "monitor" not in view.may})


route_handlers = [listing, one, name, appoint, monitor]
