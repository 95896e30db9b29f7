"""The catalogue: the own organisation's part, the directory of a school, the list of gaps."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from src.platform.catalogue import readers, service, views
from src.platform.catalogue.schemas import SERVICES, Directory, Office, OwnCatalogue
from src.platform.db.unit import Unit
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec

READERS = readers.__name__
_VERSION = Field("version", "int", required=True)
_KIND = Field("service_type", "enum", required=True, options=frozenset(SERVICES))
OFFICE = Spec(
    _VERSION,
    Field("address", "text", required=True),
    Field("phone", "text", required=True, most=100),
    Field("contact_person", "text", required=True, most=200),
    Field("hours", "text", required=True, most=200),
)
SERVICE = Spec(_VERSION, _KIND, Field("text", "longtext", required=True, most=2000), Field("districts", "uuids"))
DROP = Spec(_VERSION, _KIND)
STEP = Spec(_VERSION)
SEARCH = Spec(Field("service_type", "enum", options=frozenset(SERVICES)), Field("district", "uuid"))
NAV = (
    NavItem("/catalogue", N_("Partners and services"), service.READ, 51),
    NavItem("/catalogue/own", N_("Our services"), service.KEEP, 58),
    NavItem("/catalogue/gaps", N_("Service catalogue"), service.OVERSEE, 63),
)
_OWN = "/catalogue/own"


@get("/catalogue", permission=service.READ, name="catalogue.directory")
async def directory(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[Directory]:
    """Who offers what, by service and district."""
    async with question(request, SEARCH) as values:
        found = await views.directory(unit, **values)
        chosen = {name: str(one) for name, one in values.items()}
        context = {"values": chosen, "services": SERVICES}
        return Page(found, template="catalogue/directory.html", context=context)


@get("/catalogue/gaps", permission=service.OVERSEE, name="catalogue.gaps")
async def gaps(unit: NamedDependency[Unit]) -> Page[Directory]:
    """Who has not said or not confirmed this year what it offers (R-270)."""
    return Page(await views.gaps(unit), template="catalogue/directory.html")


@get(_OWN, permission=service.KEEP, name="catalogue.own")
async def own(unit: NamedDependency[Unit]) -> Page[OwnCatalogue]:
    """What my organisation offers."""
    return await _own_page(unit)


@post(_OWN, permission=service.KEEP, name="catalogue.keep_office", status_code=200)
async def keep_office(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """How the office is reached."""
    async with form(request, OFFICE, again=lambda: _own_page(unit)) as values:
        await service.keep_office(unit, values.pop("version"), Office(**values))
    return redirect(_OWN)


@post(f"{_OWN}/services", permission=service.KEEP, name="catalogue.keep_service", status_code=200)
async def keep_service(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Offer a service, or say anew what it is."""
    async with form(request, SERVICE, again=lambda: _own_page(unit)) as values:
        await service.keep_service(unit, **{"districts": [], **values})
    return redirect(_OWN)


@post(f"{_OWN}/services/drop", permission=service.KEEP, name="catalogue.drop_service", status_code=200)
async def drop_service(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Offer a service no longer."""
    async with form(request, DROP, again=lambda: _own_page(unit)) as values:
        await service.drop_service(unit, **values)
    return redirect(_OWN)


@post(f"{_OWN}/confirm", permission=service.KEEP, name="catalogue.confirm", status_code=200)
async def confirm(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """All of it holds in this school year."""
    async with form(request, STEP, again=lambda: _own_page(unit)) as values:
        await service.confirm(unit, **values)
    return redirect(_OWN)


async def _own_page(unit: Unit) -> Page[OwnCatalogue]:
    return Page(await views.own(unit), template="catalogue/own.html", context={"services": SERVICES})


route_handlers = [directory, gaps, own, keep_office, keep_service, drop_service, confirm]
