"""Long work: how far it is, cancel it, go on with it, take its files."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.media import ZIP
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Spec
from src.platform.longwork import service, views
from src.platform.longwork.schemas import WorkList, WorkView

_WORK = "/work/{work_id:uuid}"


@get("/work", permission="signed_in", name="longwork.list")
async def listing(unit: NamedDependency[Unit]) -> Page[WorkList]:
    """My long work."""
    return Page(await views.mine(unit), template="longwork/list.html")


@get(_WORK, permission="signed_in", name="longwork.one")
async def one(unit: NamedDependency[Unit], work_id: FromPath[UUID]) -> Page[WorkView]:
    """How far a piece of work is."""
    return await _page(unit, work_id)


@get(_WORK + "/cancel", permission="signed_in", name="longwork.cancel_form")
async def cancel_form(unit: NamedDependency[Unit], work_id: FromPath[UUID]) -> Page[WorkView]:
    """Ask whether it is meant."""
    return Page(await views.one(unit, work_id), template="longwork/cancel.html")


@post(_WORK + "/cancel", permission="signed_in", name="longwork.cancel", status_code=200)
async def cancel(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], work_id: FromPath[UUID]
) -> Response[Any]:
    """No other step begins."""
    async with form(request, Spec(), again=lambda: _page(unit, work_id)):
        await service.cancel(unit, work_id)
    return redirect(f"/work/{work_id}")


@post(_WORK + "/go-on", permission="signed_in", name="longwork.go_on", status_code=200)
async def go_on(request: Request[Any, Any, Any], unit: NamedDependency[Unit], work_id: FromPath[UUID]) -> Response[Any]:
    """Go on after the last step that ended."""
    async with form(request, Spec(), again=lambda: _page(unit, work_id)):
        await service.go_on(unit, work_id)
    return redirect(f"/work/{work_id}")


@post(_WORK + "/files", permission="signed_in", name="longwork.take", gives=(ZIP,), status_code=200)
async def take(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], work_id: FromPath[UUID]
) -> Response[bytes]:
    """The files in one archive."""
    async with form(request, Spec(), again=lambda: _page(unit, work_id)):
        taken = await service.take(unit, work_id)
    headers = {"Content-Disposition": f'attachment; filename="{taken.name}"'}
    return Response(taken.content, media_type=ZIP, headers=headers)


async def _page(unit: Unit, work_id: UUID) -> Page[WorkView]:
    return Page(await views.one(unit, work_id), template="longwork/one.html")


route_handlers = [listing, one, cancel_form, cancel, go_on, take]
