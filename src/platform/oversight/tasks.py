"""Counters follow the clocks."""

from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor
from src.platform.oversight import service


@actor("oversight.refresh")
async def refresh(unit: Unit, month: int) -> None:
    """A clock of a month (as YYYYMM) was met or missed."""
    await service.refresh(unit, month)
