"""Counters follow the clocks, numbers of children what the team decides; releases are long work (`releases.KIND`)."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.longwork import service as longwork
from src.platform.outbox.actors import actor
from src.platform.oversight import agreements, children, recounting, service
from src.platform.oversight.letters import tasks as letters


@actor("oversight.refresh")
async def refresh(unit: Unit, month: int) -> None:
    """A clock of a month (as YYYYMM) was met or missed."""
    await service.refresh(unit, month)


@actor("oversight.count_children")
async def count_children(unit: Unit, quarter: int) -> None:
    """A school decided about children or sent one to a partner in a quarter (YYYYQ)."""
    await children.count(unit, quarter)


@actor("oversight.count_agreements")
async def count_agreements(unit: Unit) -> None:
    """An agreement of a school came into force or was ended."""
    await agreements.count(unit)


@actor(recounting.COUNT)
async def recount(unit: Unit, quarter: int, home: UUID, work: UUID, turn: int) -> None:
    """In a school: the city has its quarter counted anew."""
    await recounting.count(unit, quarter)
    await longwork.give_back(unit, home, work, turn)


LETTERS = letters.__name__
"""The actors of letters, which come along with these."""
