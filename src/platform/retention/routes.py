"""How long records are kept: what falls due, holds, certificates of destruction."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.retention import service, views
from src.platform.retention.schemas import Certificate, RetentionPage

_PATH = "/retention"
NAV = (NavItem(_PATH, N_("Keeping and destroying"), service.KEEP, 60),)
HOLD = Spec(
    Field("number", "text", required=True, most=6),
    Field("reason", "longtext", required=True, most=2_000),
    Field("until", "date"),
)
CONFIRM = Spec(Field("incidents", "uuids"), Field("checked", "bool"))
STEP = Spec()


@get(_PATH, permission=service.KEEP, name="retention.page")
async def retention(unit: NamedDependency[Unit]) -> Page[RetentionPage]:
    """What falls due, what is held, what was destroyed."""
    return await _page(unit)


@post(
    _PATH + "/holds",
    permission=service.KEEP,
    kept=Kept(_PATH, HOLD),
    name="retention.hold",
    status_code=200,
)
async def hold(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Put a record on hold."""
    async with form(request, HOLD, again=lambda: _page(unit)) as values:
        await service.hold(unit, **values)
    return redirect(_PATH)


@post(_PATH + "/holds/{hold_id:uuid}/lift", permission=service.KEEP, name="retention.lift", status_code=200)
async def lift(request: Request[Any, Any, Any], unit: NamedDependency[Unit], hold_id: FromPath[UUID]) -> Response[Any]:
    """A hold ends."""
    async with form(request, STEP, again=lambda: _page(unit)):
        await service.lift(unit, hold_id)
    return redirect(_PATH)


@post(_PATH + "/destroy", permission=service.KEEP, name="retention.confirm", status_code=200)
async def confirm(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """A person confirms the list."""
    async with form(request, CONFIRM, again=lambda: _page(unit)) as values:
        made = await service.confirm(unit, values.get("incidents", ()), checked=values.get("checked", False))
    return redirect(f"{_PATH}/{made}")


@get(_PATH + "/{destruction_id:uuid}", permission=service.KEEP, name="retention.certificate")
async def certificate(unit: NamedDependency[Unit], destruction_id: FromPath[UUID]) -> Page[Certificate]:
    """The certificate of a destruction, to be printed."""
    return Page(await views.certificate(unit, destruction_id), template="retention/certificate.html")


async def _page(unit: Unit) -> Page[RetentionPage]:
    return Page(await views.retention(unit), template="retention/retention.html")


route_handlers = [retention, hold, lift, confirm, certificate]
