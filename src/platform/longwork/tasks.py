"""Long work goes on by itself, one step a call."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.longwork import service
from src.platform.outbox.actors import actor


@actor(service.STEP)
async def step(unit: Unit, work: UUID, turn: int) -> None:
    """Do the next batch of a piece of work."""
    await service.step(unit, work, turn)


@actor(service.RETURNED)
async def returned(unit: Unit, work: UUID, turn: int) -> None:
    """Another organisation has done its step."""
    await service.returned(unit, work, turn)


@actor(service.EXPIRE)
async def expire(unit: Unit, work: UUID) -> None:
    """The time of the files of a piece of work is over."""
    await service.expire(unit, work)
