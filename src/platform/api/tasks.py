"""Actors of the API."""

from uuid import UUID

from src.platform.api import repository
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.outbox.actors import actor


@actor("api.forget")
async def forget(unit: Unit, answer: UUID) -> None:
    """The time of a key is over."""
    await repository.forget(unit, answer, clock.now())
