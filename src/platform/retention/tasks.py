"""The run: it looks once a month; it destroys what a person confirmed."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor
from src.platform.retention import service


@actor("retention.look")
async def look(unit: Unit) -> None:
    """A month has begun, or the organisation has joined the region."""
    await service.look(unit)


@actor("retention.destroy")
async def destroy(unit: Unit, erasure: UUID) -> None:
    """A person has confirmed that a record is destroyed."""
    await service.destroy(unit, erasure)
