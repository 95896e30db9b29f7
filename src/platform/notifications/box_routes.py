"""Each person's own page about e-mail."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.page import Page, redirect
from src.platform.notifications import boxes, inputs, views
from src.platform.notifications.schemas import Choice, MailSettings

_AT = "/messages/settings"


@get(_AT, permission="signed_in", name="notifications.settings")
async def mail_settings(unit: NamedDependency[Unit]) -> Page[MailSettings]:
    """Where and when my e-mail comes, and what became of it."""
    return await _page(unit)


@post(_AT, permission="signed_in", name="notifications.choose", status_code=200)
async def choose(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """At once or once a day, and the hours without e-mail."""
    async with form(request, inputs.CHOICE, again=lambda: _page(unit)) as values:
        hours = {name: int(values[name]) for name in ("digest_at", "quiet_from", "quiet_to")}
        await boxes.choose(unit, Choice(mode=values["mode"], **hours))
    return redirect(_AT)


@post(f"{_AT}/address", permission="signed_in", name="notifications.give_address", status_code=200)
async def give_address(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Have a code mailed to my address."""
    async with form(request, inputs.ADDRESS, again=lambda: _page(unit)) as values:
        await boxes.ask(unit, values["address"])
    return redirect(_AT)


@post(f"{_AT}/confirm", permission="signed_in", name="notifications.confirm_address", status_code=200)
async def confirm(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """The code came."""
    async with form(request, inputs.CODE, again=lambda: _page(unit)) as values:
        await boxes.confirm(unit, values["code"])
    return redirect(_AT)


@post(f"{_AT}/forget", permission="signed_in", name="notifications.forget_address", status_code=200)
async def forget(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """No e-mail for me any more."""
    async with form(request, inputs.NOTHING):
        await boxes.forget(unit)
    return redirect(_AT)


async def _page(unit: Unit) -> Page[MailSettings]:
    return Page(
        await views.mail_settings(unit), template="notifications/settings.html", context={"hours": inputs.HOURS}
    )


route_handlers = [mail_settings, choose, give_address, confirm, forget]
