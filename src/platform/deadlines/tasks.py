"""What the clocks call."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.deadlines import ladder, periodic
from src.platform.outbox.actors import actor


@actor("deadlines.remind")
async def remind(unit: Unit, obligation: UUID) -> None:
    """The target of an obligation has come."""
    await ladder.remind(unit, obligation)


@actor("deadlines.expire")
async def expire(unit: Unit, obligation: UUID) -> None:
    """The limit of an obligation has passed."""
    await ladder.expire(unit, obligation)


@actor("deadlines.open_periods")
async def open_periods(unit: Unit, day: int) -> None:
    """A week or a month has begun (YYYYMMDD)."""
    await periodic.open_periods(unit, day)
