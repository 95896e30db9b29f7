"""Actors of the roster."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor
from src.platform.roster import service
from src.platform.roster.large_lists import KIND

__all__ = ["KIND", "forget_draft"]


@actor("roster.forget_draft")
async def forget_draft(unit: Unit, draft: UUID) -> None:
    """The hour of an uploaded list is over."""
    await service.forget(unit, draft)
