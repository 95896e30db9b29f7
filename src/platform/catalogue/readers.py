"""Who hears of the year's clock: whoever keeps the organisation's part of the catalogue."""

from uuid import UUID

from sqlalchemy import ColumnElement, false, true

from src.platform.access import service as access
from src.platform.catalogue import service
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.tenants.schemas import Member


async def may_read(_unit: Unit, members: list[Member], _tenant_id: UUID) -> list[Member]:
    """The members that keep the catalogue."""
    return [one for one in members if access.has_module(one.roles, service.KEEP)]


def visible(roles: frozenset[str], _tenant_id: readers.Id, _opened: str) -> ColumnElement[bool]:
    """Whether a role keeps it at all."""
    return true() if access.has_module(roles, service.KEEP) else false()


readers.register(service.SUBJECT, readers.Kind(may_read, visible))
