"""Every query of the module."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.catalogue.models import ServiceCatalogue
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit import clock

ALL = Read(("service_catalogue",), select(ServiceCatalogue).order_by(ServiceCatalogue.tenant_id), {})


async def entries(unit: Unit) -> list[ServiceCatalogue]:
    """What every organisation of the region wrote."""
    return await together.rows(unit.session, ALL)


async def own(unit: Unit, *, lock: bool = False) -> ServiceCatalogue | None:
    """What the unit's organisation wrote."""
    query = select(ServiceCatalogue).where(ServiceCatalogue.tenant_id == unit.tenant_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await unit.session.scalars(query)).one_or_none()


async def begin(unit: Unit) -> None:
    """An empty part of the catalogue, where there is none."""
    empty = {"address": "", "phone": "", "contact_person": "", "hours": "", "services": {}}
    values = {"tenant_id": unit.tenant_id, "changed_at": clock.now(), "version": 0, **empty}
    await unit.session.execute(insert(ServiceCatalogue).values(**values).on_conflict_do_nothing())


async def write(unit: Unit, version: int, **changes: object) -> bool:
    """Change the own part if nobody did since `version`."""
    own_part: UUID = unit.tenant_id
    done = await unit.session.execute(
        update(ServiceCatalogue)
        .where(ServiceCatalogue.tenant_id == own_part, ServiceCatalogue.version == version)
        .values(version=ServiceCatalogue.version + 1, **changes)
        .returning(ServiceCatalogue.tenant_id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None
