"""What the region operator sees of organisations and districts."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.kit.errors import NotFound
from src.platform.tenants import repository, service
from src.platform.tenants.models import District
from src.platform.tenants.schemas import (
    DistrictList,
    DistrictView,
    OrganisationList,
    OrganisationRow,
    OrganisationView,
)


async def listing(unit: Unit) -> OrganisationList:
    """All organisations for the region operator."""
    access.require(unit, "tenant.read")
    language, districts = unit.language, await service.district_names(unit)
    rows = [
        OrganisationRow(
            id=t.id,
            kind=t.kind,
            code=t.code,
            name=getattr(t, f"name_{language}"),
            status=t.status,
            district=districts.get(t.district_id) if t.district_id else None,
            created_at=t.created_at,
        )
        for t in await repository.tenants(unit)
    ]
    return OrganisationList(rows=rows, kinds=sorted(service.KINDS), districts={str(k): v for k, v in districts.items()})


async def districts(unit: Unit) -> DistrictList:
    """The districts of the region."""
    access.require(unit, "district.keep")
    return DistrictList(rows=[_district(row) for row in await repository.districts(unit)])


async def district(unit: Unit, district_id: UUID) -> DistrictView:
    """One district. Raises NotFound."""
    access.require(unit, "district.keep")
    found = await repository.district(unit, district_id)
    if found is None:
        raise NotFound
    return _district(found)


async def one(unit: Unit, tenant_id: UUID) -> OrganisationView:
    """One organisation for the region operator. Raises NotFound."""
    access.require(unit, "tenant.read")
    row, names = await repository.tenant(unit, tenant_id), await service.district_names(unit)
    if row is None:
        raise NotFound
    fits = {"suspend": row.status == "active" and row.kind != service.OPERATOR, "resume": row.status == "suspended"}
    fits["invite"] = fits["recover"] = row.status == "active" and row.kind != service.OPERATOR
    return OrganisationView(
        id=row.id,
        kind=row.kind,
        code=row.code,
        slug=row.slug,
        name=getattr(row, f"name_{unit.language}"),
        district=names.get(row.district_id) if row.district_id else None,
        status=row.status,
        created_at=row.created_at,
        version=row.version,
        may=[verb for verb, holds in fits.items() if holds],
    )


def _district(row: District) -> DistrictView:
    return DistrictView(id=row.id, name_kk=row.name_kk, name_ru=row.name_ru, name_en=row.name_en, version=row.version)
