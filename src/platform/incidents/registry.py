"""Facts about an incident that only modules above know; each says them here when it is loaded."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from src.platform.db.unit import Unit

Managed = Callable[[Unit, UUID], Awaitable[set[UUID]]]
_managed: list[Managed] = []


def register_managed(known: Managed) -> None:
    """Say which people of an incident have a case manager."""
    _managed.append(known)


async def managed(unit: Unit, incident_id: UUID) -> set[UUID]:
    """Participations whose person has a case manager; nobody has one while no module says so."""
    return set[UUID]().union(*[await known(unit, incident_id) for known in _managed])
