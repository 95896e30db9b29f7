"""Protective tasks: the team asks, a colleague sees what to do."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents import protection
from src.platform.incidents.protection import MyTasks, Protection
from src.platform.kit.forms import form
from src.platform.kit.kept import Kept
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec

_ASKED = "/incidents/{incident_id:uuid}/protection"
ASK = Spec(
    Field("membership_id", "uuid", required=True),
    Field("instruction", "longtext", required=True, most=1_000),
    Field("read", "bool"),
)
DONE = Spec(Field("version", "int", required=True))


@get(_ASKED, permission=protection.PROTECT, name="protection.asked")
async def asked(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[Protection]:
    """What colleagues were asked to do, and the form to ask another."""
    return await _asked(unit, incident_id)


@post(
    _ASKED,
    permission=protection.PROTECT,
    kept=Kept("/incidents/{incident_id}/protection", ASK),
    name="protection.ask",
    status_code=200,
)
async def ask(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Response[Any]:
    """Ask a colleague."""
    async with form(request, ASK, again=lambda: _asked(unit, incident_id)) as values:
        await protection.ask(unit, incident_id, **values)
    return redirect(f"/incidents/{incident_id}/protection")


@get("/my-tasks", permission=protection.FOLLOW, name="protection.mine")
async def mine(unit: NamedDependency[Unit]) -> Page[MyTasks]:
    """What I am asked to do for the safety of children."""
    return await _mine(unit)


@post("/my-tasks/{task_id:uuid}/done", permission=protection.FOLLOW, name="protection.done", status_code=200)
async def done(request: Request[Any, Any, Any], unit: NamedDependency[Unit], task_id: FromPath[UUID]) -> Response[Any]:
    """It is done."""
    async with form(request, DONE, again=lambda: _mine(unit)) as values:
        await protection.done(unit, task_id, **values)
    return redirect("/my-tasks")


async def _asked(unit: Unit, incident_id: UUID) -> Page[Protection]:
    return Page(await protection.page(unit, incident_id), template="incidents/protection.html")


async def _mine(unit: Unit) -> Page[MyTasks]:
    return Page(await protection.mine(unit), template="incidents/my_tasks.html")


route_handlers = [asked, ask, mine, done]
