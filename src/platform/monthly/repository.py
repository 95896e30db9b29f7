"""Every query of the module."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.monthly import service
from src.platform.monthly.models import FormE, FormEMonth
from src.platform.tenants import service as tenants


async def prefetch_list(unit: Unit, now_known: Collection[UUID]) -> None:
    """What the list of months needs beside the months."""
    await together.prefetch(unit.session, deadlines.clocks_of(list(now_known)), tenants.all_tenants())


async def prefetch_month(unit: Unit, row: FormEMonth) -> None:
    """What the page of a month needs, in one statement."""
    await together.prefetch(
        unit.session,
        _forms_of(unit.tenant_id, row.month),
        service.FORM.turns_of(row.id),
        deadlines.clocks_of([row.id]),
        tenants.all_tenants(),
        tenants.all_members(),
    )


async def forms_of(unit: Unit, month: int) -> list[FormE]:
    """The confirmed forms of one of our months, the newest first."""
    return await together.rows(unit.session, _forms_of(unit.tenant_id, month))


async def received(unit: Unit, month: int) -> list[FormE]:
    """The confirmed forms of a month that others sent to the unit's organisation; all versions, the newest first."""
    query = (
        select(FormE)
        .where(FormE.month == month, FormE.peer_tenant_id == unit.tenant_id)
        .order_by(FormE.tenant_id, FormE.revision.desc())
    )
    return list((await unit.session.scalars(query)).all())


async def received_one(unit: Unit, form_id: UUID) -> FormE | None:
    """One form that was sent to the unit's organisation."""
    query = select(FormE).where(FormE.id == form_id, FormE.peer_tenant_id == unit.tenant_id)
    return (await unit.session.scalars(query)).one_or_none()


_FORMS = (
    select(FormE)
    .where(FormE.tenant_id == bindparam("sender"), FormE.month == bindparam("month"))
    .order_by(FormE.revision.desc())
)


def _forms_of(tenant_id: UUID, month: int) -> Read[FormE]:
    return Read(("form_e", month), _FORMS, {"sender": tenant_id, "month": month})
