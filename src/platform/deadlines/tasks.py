"""What the clocks call."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.deadlines import service
from src.platform.outbox.actors import actor


@actor("deadlines.remind")
async def remind(unit: Unit, obligation: UUID) -> None:
    """The target of an obligation has come."""
    await service.remind(unit, obligation)


@actor("deadlines.expire")
async def expire(unit: Unit, obligation: UUID) -> None:
    """The limit of an obligation has passed."""
    await service.expire(unit, obligation)
