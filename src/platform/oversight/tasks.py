"""Counters follow the clocks, numbers of children what the team decides; the city's releases are made here."""

from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor
from src.platform.oversight import children, releases, service


@actor("oversight.refresh")
async def refresh(unit: Unit, month: int) -> None:
    """A clock of a month (as YYYYMM) was met or missed."""
    await service.refresh(unit, month)


@actor("oversight.count_children")
async def count_children(unit: Unit, quarter: int) -> None:
    """A school decided about children or sent one to a partner in a quarter (YYYYQ)."""
    await children.count(unit, quarter)


@actor("oversight.make_release")
async def make_release(unit: Unit, quarter: int) -> None:
    """The city asked for the release of a quarter."""
    await releases.make(unit, quarter)
