"""The region operator's pages. Creating an organisation invites its first person, so that verb lives with joining."""

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
from src.platform.tenants import service, views
from src.platform.tenants.schemas import DistrictList, DistrictView, NewDistrict, OrganisationList, OrganisationView

NAMES = (
    Field("name_kk", "text", required=True),
    Field("name_ru", "text", required=True),
    Field("name_en", "text", required=True),
)
VERSION = Field("version", "int", required=True)
STEP = Spec(VERSION)
DISTRICT = Spec(*NAMES)
RENAME = Spec(VERSION, *NAMES)
NAV = (
    NavItem("/organisations", N_("Organisations"), "tenant.read", 20),
    NavItem("/districts", N_("Districts"), "district.keep", 21),
)


@get("/organisations", permission="tenant.read", name="tenants.list")
async def listing(unit: NamedDependency[Unit]) -> Page[OrganisationList]:
    """All organisations of the region."""
    return Page(await views.listing(unit), template="tenants/organisations.html")


@get("/organisations/{tenant_id:uuid}", permission="tenant.read", name="tenants.one")
async def one(unit: NamedDependency[Unit], tenant_id: FromPath[UUID]) -> Page[OrganisationView]:
    """One organisation, and what may be done with it."""
    return await _one_page(unit, tenant_id)


@post("/organisations/{tenant_id:uuid}/suspend", permission="tenant.suspend", name="tenants.suspend", status_code=200)
async def suspend(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], tenant_id: FromPath[UUID]
) -> Response[Any]:
    """Suspend an organisation."""
    async with form(request, STEP, again=lambda: _one_page(unit, tenant_id)) as values:
        await service.suspend(unit, tenant_id, **values)
    return redirect(f"/organisations/{tenant_id}")


@post("/organisations/{tenant_id:uuid}/resume", permission="tenant.suspend", name="tenants.resume", status_code=200)
async def resume(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], tenant_id: FromPath[UUID]
) -> Response[Any]:
    """Let an organisation go on."""
    async with form(request, STEP, again=lambda: _one_page(unit, tenant_id)) as values:
        await service.resume(unit, tenant_id, **values)
    return redirect(f"/organisations/{tenant_id}")


@get("/districts", permission="district.keep", name="tenants.districts")
async def districts(unit: NamedDependency[Unit]) -> Page[DistrictList]:
    """The districts of the region."""
    return await _districts_page(unit)


@post("/districts", permission="district.keep", name="tenants.create_district", status_code=200)
async def create_district(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Add a district."""
    async with form(request, DISTRICT, again=lambda: _districts_page(unit)) as values:
        await service.create_district(unit, NewDistrict(**values))
    return redirect("/districts")


@get("/districts/{district_id:uuid}", permission="district.keep", name="tenants.district")
async def district(unit: NamedDependency[Unit], district_id: FromPath[UUID]) -> Page[DistrictView]:
    """One district."""
    return await _district_page(unit, district_id)


@post("/districts/{district_id:uuid}", permission="district.keep", name="tenants.rename_district", status_code=200)
async def rename_district(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], district_id: FromPath[UUID]
) -> Response[Any]:
    """Call a district by other names."""
    async with form(request, RENAME, again=lambda: _district_page(unit, district_id)) as values:
        version = values.pop("version")
        await service.rename_district(unit, district_id, version, NewDistrict(**values))
    return redirect("/districts")


async def _one_page(unit: Unit, tenant_id: UUID) -> Page[OrganisationView]:
    return Page(await views.one(unit, tenant_id), template="tenants/organisation.html")


async def _districts_page(unit: Unit) -> Page[DistrictList]:
    return Page(await views.districts(unit), template="tenants/districts.html")


async def _district_page(unit: Unit, district_id: UUID) -> Page[DistrictView]:
    return Page(await views.district(unit, district_id), template="tenants/district.html")


route_handlers = [listing, one, suspend, resume, districts, create_district, district, rename_district]
