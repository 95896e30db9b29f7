"""Actors of drafts."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.drafts import service
from src.platform.outbox.actors import actor


@actor("drafts.forget")
async def forget(unit: Unit, draft: UUID) -> None:
    """A draft may have been left alone for long enough."""
    await service.forget(unit, draft)


@actor("drafts.forget_stash")
async def forget_stash(unit: Unit, stash: UUID) -> None:
    """The hour of a form of an ended session may be over."""
    await service.forget_stash(unit, stash)
