"""Months end by themselves."""

from src.platform.db.unit import Unit
from src.platform.monthly import service
from src.platform.outbox.actors import actor


@actor("monthly.joined")
async def joined(unit: Unit) -> None:
    """An organisation has joined the region."""
    await service.joined(unit)


@actor("monthly.month_ended")
async def month_ended(unit: Unit, month: int) -> None:
    """A calendar month (as YYYYMM) is over."""
    await service.month_ended(unit, month)
