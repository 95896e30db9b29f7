"""The catalogue for its three readers: the organisation itself, a school, and who keeps it for the city."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.catalogue import repository, service
from src.platform.catalogue.schemas import (
    PARTNER_KINDS,
    SERVICES,
    Directory,
    Entry,
    OfferedService,
    OwnCatalogue,
    PartnerRow,
)
from src.platform.db.unit import Unit
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import sort_key
from src.platform.tenants import service as tenants


async def own(unit: Unit) -> OwnCatalogue:
    """What my organisation offers. Raises NotFound where an organisation offers nothing to schools."""
    access.require(unit, service.KEEP)
    if (await tenants.organisation(unit, unit.tenant_id)).kind not in PARTNER_KINDS:
        raise NotFound
    row, districts = await repository.own(unit), await tenants.district_names(unit)
    entry = service.entry(row)
    return OwnCatalogue(
        office=entry.office,
        services=_services(entry, districts),
        districts=districts,
        is_complete=entry.is_complete,
        is_confirmed=entry.is_confirmed,
        confirmed_at=row.confirmed_at if row else None,
        version=row.version if row else 0,
    )


async def directory(unit: Unit, *, service_type: str | None = None, district: UUID | None = None) -> Directory:
    """Who offers what, narrowed to a kind of service and a district."""
    access.require(unit, service.READ)
    found = await _all(unit)
    wanted = [service_type] if service_type else SERVICES
    return Directory(
        rows=[row for row, entry in found if not (service_type or district) or _fits(entry, wanted, district)],
        districts=await tenants.district_names(unit),
    )


async def gaps(unit: Unit) -> Directory:
    """Every organisation without service or contact, or not confirmed this year (R-270)."""
    access.require(unit, service.OVERSEE)
    found = [row for row, entry in await _all(unit) if not entry.is_confirmed]
    return Directory(rows=found, districts={}, gaps_only=True)


def _fits(entry: Entry, wanted: list[str] | tuple[str, ...], district: UUID | None) -> bool:
    offered = [one for one in wanted if one in entry.services]
    return any(district is None or entry.serves(one, district) for one in offered)


async def _all(unit: Unit) -> list[tuple[PartnerRow, Entry]]:
    districts, entries = await tenants.district_names(unit), await service.entries(unit)
    found = []
    for one in await tenants.organisations(unit, PARTNER_KINDS):
        if one.status != "active":
            continue
        entry = entries.get(one.id, Entry())
        row = PartnerRow(
            id=one.id,
            name=one.name(unit.language),
            kind=one.kind,
            district=districts.get(one.district_id, "") if one.district_id else "",
            office=entry.office,
            services=_services(entry, districts),
            is_complete=entry.is_complete,
            is_confirmed=entry.is_confirmed,
        )
        found.append((row, entry))
    return sorted(found, key=lambda pair: sort_key(pair[0].name))


def _services(entry: Entry, districts: dict[UUID, str]) -> list[OfferedService]:
    return [
        OfferedService(
            service_type=key,
            text=one.text,
            districts=[districts[id_] for id_ in one.districts if id_ in districts],
            district_ids=one.districts,
        )
        for key in SERVICES
        if (one := entry.services.get(key)) is not None
    ]
