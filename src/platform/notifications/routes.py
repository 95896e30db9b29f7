"""My messages."""

from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.notifications import service
from src.platform.notifications.schemas import Messages

NAV = (NavItem("/messages", N_("Messages"), "signed_in", 80, counts="unread", unless="report.tell"),)


@get("/messages", permission="signed_in", name="notifications.list")
async def messages(unit: NamedDependency[Unit]) -> Page[Messages]:
    """What waits for me, the newest first."""
    return Page(await service.mine(unit), template="notifications/messages.html")


@post("/messages/read", permission="signed_in", name="notifications.read", status_code=200)
async def read(unit: NamedDependency[Unit]) -> Response[Any]:
    """I have seen them all."""
    await service.read_all(unit)
    return redirect("/messages")


route_handlers = [messages, read]
