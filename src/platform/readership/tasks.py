"""The hourly look at what was opened."""

from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor
from src.platform.readership import browsing


@actor(browsing.LOOK)
async def look(unit: Unit, since: int) -> None:
    """An hour is over, or the school has joined the region."""
    await browsing.look(unit, since)
