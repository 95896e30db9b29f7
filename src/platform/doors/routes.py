"""The public address of a school, and the page of those who keep it.

No public page sets a cookie, needs a script, or has anything of a visitor in its address; the language stands there.
"""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.doors import inputs, service, views
from src.platform.doors.schemas import DoorPage, DoorSettings, OpenedReceipt, Receipt
from src.platform.kit.forms import form, pressed, read_body
from src.platform.kit.i18n import LANGUAGES, N_
from src.platform.kit.page import NavItem, Page, language_of, redirect
from src.platform.kit.payload import keepable
from src.platform.kit.settings import settings

NAV = (NavItem("/door", N_("Public address"), "door.keep", 62),)
_OTHER_LANGUAGE = "_language"


@get("/s/{slug:str}", public_address=True, name="doors.entry")
async def entry(request: Request[Any, Any, Any], unit: NamedDependency[Unit], slug: FromPath[str]) -> Page[DoorPage]:
    """What this is, whom to call, and the two ways on."""
    return await _page(request, unit, slug, "entry")


@get("/s/{slug:str}/telling", public_address=True, name="doors.telling")
async def telling(request: Request[Any, Any, Any], unit: NamedDependency[Unit], slug: FromPath[str]) -> Page[DoorPage]:
    """What telling is and tattling is not, and what whoever sees it can do; also where no reports are taken (R-058)."""
    found = await views.door(unit, slug, _language(request))
    strategies = views.strategies(_language(request))
    context = {"exit_url": settings().exit_url, "strategies": strategies}
    return Page(found, template="doors/telling.html", context=context)


@get("/s/{slug:str}/report", public_address=True, name="doors.report_form")
async def report_form(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], slug: FromPath[str]
) -> Page[DoorPage]:
    """Four questions; one is enough."""
    return await _page(request, unit, slug, "report")


@post("/s/{slug:str}/report", public_address=True, name="doors.report", status_code=200)
async def report(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], slug: FromPath[str]
) -> Page[DoorPage] | Page[Receipt]:
    """Take a report; the code of its receipt is shown on this page and never again."""
    language, page = _language(request), await _page(request, unit, slug, "report")
    if await pressed(request, _OTHER_LANGUAGE):  # the same page in another language, with everything typed
        page.page_context["values"] = keepable(await read_body(request), inputs.REPORT)
        return page
    async with form(request, inputs.REPORT, again=_once_more(page)) as values:
        code = await service.report(unit, values)
    return _shown(await views.taken(unit, slug, language, code), "taken")


@get("/s/{slug:str}/receipt", public_address=True, name="doors.receipt_form")
async def receipt_form(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], slug: FromPath[str]
) -> Page[DoorPage]:
    """Ask for the code."""
    return await _page(request, unit, slug, "receipt")


@post("/s/{slug:str}/receipt", public_address=True, name="doors.receipt", status_code=200)
async def receipt(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], slug: FromPath[str]
) -> Page[OpenedReceipt]:
    """Show what a code opens; the code stands in no address."""
    language, page = _language(request), await _page(request, unit, slug, "receipt")
    async with form(request, inputs.OPEN, again=_once_more(page)) as values:
        found = await views.opened(unit, slug, language, values["code"])
    return _shown(found, "opened")


@post("/s/{slug:str}/receipt/answer", public_address=True, name="doors.answer", status_code=200)
async def answer(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], slug: FromPath[str]
) -> Page[OpenedReceipt]:
    """Answer a question of the team, or tell more."""
    language, page = _language(request), await _page(request, unit, slug, "answer")
    async with form(request, inputs.ANSWER, again=_once_more(page)) as values:
        await service.answer(unit, values)
        found = await views.opened(unit, slug, language, values["code"], was_sent=True)
    return _shown(found, "opened")


@get("/door", permission="door.keep", name="doors.settings")
async def door_settings(unit: NamedDependency[Unit]) -> Page[DoorSettings]:
    """The public address of my school."""
    return await _settings_page(unit)


@post("/door", permission="door.keep", name="doors.keep", status_code=200)
async def keep(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Name who can be spoken to, and switch the address on or off."""
    async with form(request, inputs.SETTINGS, again=lambda: _settings_page(unit)) as values:
        await service.keep(unit, **values)
    return redirect("/door")


def _language(request: Request[Any, Any, Any]) -> str:
    """The language of the address, else as everywhere."""
    chosen = request.query_params.get("lang", "")
    if chosen in LANGUAGES:
        request.state.language = chosen
    return language_of(request)


async def _page(request: Request[Any, Any, Any], unit: Unit, slug: str, template: str) -> Page[DoorPage]:
    return _shown(await views.door(unit, slug, _language(request)), template)


def _once_more(page: Page[DoorPage]) -> Any:
    """The page of a refused form is made before anything is written: a transaction that failed answers nothing."""

    async def again() -> Page[DoorPage]:
        return page

    return again


def _shown(content: Any, template: str) -> Page[Any]:
    is_new = template in ("entry", "report")  # whoever has a receipt may go on after the school closed its address
    shut = not content.number or (is_new and not content.is_open)
    name = "closed" if shut else template
    return Page(content, template=f"doors/{name}.html", context={"exit_url": settings().exit_url})


async def _settings_page(unit: Unit) -> Page[DoorSettings]:
    return Page(await views.settings_page(unit), template="doors/settings.html")


route_handlers = [entry, telling, report_form, report, receipt_form, receipt, answer, door_settings, keep]
