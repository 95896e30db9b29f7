"""School years begin by themselves."""

from src.platform.catalogue import readers, service
from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor

READERS = readers.__name__


@actor(service.OPEN_YEAR)
async def open_year(unit: Unit) -> None:
    """An organisation has joined the region, or a school year has begun."""
    await service.open_year(unit)
