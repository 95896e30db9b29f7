"""The region operator's page of the queue: what stopped, and what a person decided about it (S-47, S-48)."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.notifications import inputs, views
from src.platform.notifications.schemas import QueueState
from src.platform.outbox import dead

NAV = (NavItem("/queue", N_("Queue"), "queue.keep", 22),)


@get("/queue", permission="queue.keep", name="notifications.queue")
async def queue(unit: NamedDependency[Unit]) -> Page[QueueState]:
    """What waits, what stopped, and how the doorbell stands."""
    return Page(await views.queue(unit), template="notifications/queue.html")


@post("/queue/{row_id:uuid}/again", permission="queue.keep", name="notifications.queue_again", status_code=200)
async def again(request: Request[Any, Any, Any], unit: NamedDependency[Unit], row_id: FromPath[UUID]) -> Response[Any]:
    """Try it once more."""
    async with form(request, inputs.NOTHING):
        await dead.again(unit, row_id)
    return redirect("/queue")


@post("/queue/{row_id:uuid}/close", permission="queue.keep", name="notifications.queue_close", status_code=200)
async def close(request: Request[Any, Any, Any], unit: NamedDependency[Unit], row_id: FromPath[UUID]) -> Response[Any]:
    """I have seen to it."""
    async with form(request, inputs.NOTHING):
        await dead.close(unit, row_id)
    return redirect("/queue")


route_handlers = [queue, again, close]
