"""My messages."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.notifications import box_routes, queue_routes, service
from src.platform.notifications.schemas import Messages

NAV = (NavItem("/messages", N_("Messages"), "signed_in", 80, counts="unread", unless="report.tell"), *queue_routes.NAV)


@get("/messages", permission="signed_in", name="notifications.list")
async def messages(unit: NamedDependency[Unit]) -> Page[Messages]:
    """What waits for me, the newest first."""
    return Page(await service.mine(unit), template="notifications/messages.html")


@post("/messages/read", permission="signed_in", name="notifications.read", status_code=200)
async def read(unit: NamedDependency[Unit]) -> Response[Any]:
    """I have seen them all."""
    await service.read_all(unit)
    return redirect("/messages")


@get("/messages/{message_id:uuid}", permission="signed_in", name="notifications.open", status_code=200)
async def opened(unit: NamedDependency[Unit], message_id: FromPath[UUID]) -> Response[Any]:
    """What an e-mail leads to: on to the record, for whom the message is."""
    return redirect(await service.opened(unit, message_id))


route_handlers = [messages, read, opened, *box_routes.route_handlers, *queue_routes.route_handlers]
