"""The region operator's page."""

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
from src.platform.kit.payload import Field, Spec
from src.platform.tenants import service
from src.platform.tenants.schemas import NewOrganisation, OrganisationList

CREATE = Spec(
    Field("kind", "enum", required=True, options=service.KINDS - {"region_operator"}),
    Field("code", "text", required=True, most=12),
    Field("slug", "text", required=True, most=60),
    Field("name_kk", "text", required=True),
    Field("name_ru", "text", required=True),
    Field("name_en", "text", required=True),
    Field("district_id", "uuid"),
)


@get("/organisations", permission="tenant.read", name="tenants.list")
async def listing(unit: NamedDependency[Unit]) -> Page[OrganisationList]:
    """All organisations of the region."""
    return await _page(unit)


@post("/organisations", permission="tenant.create", name="tenants.create", status_code=200)
async def create(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Create an organisation."""
    async with form(request, CREATE, again=lambda: _page(unit)) as values:
        await service.create(unit, NewOrganisation(**values))
    return redirect("/organisations")


@post("/organisations/{tenant_id:uuid}/suspend", permission="tenant.suspend", name="tenants.suspend", status_code=200)
async def suspend(unit: NamedDependency[Unit], tenant_id: FromPath[UUID]) -> Response[Any]:
    """Suspend an organisation."""
    await service.suspend(unit, tenant_id)
    return redirect("/organisations")


async def _page(unit: Unit) -> Page[OrganisationList]:
    return Page(await service.listing(unit), template="tenants/organisations.html")


NAV = (NavItem("/organisations", N_("Organisations"), "tenant.read", 20),)
route_handlers = [listing, create, suspend]
