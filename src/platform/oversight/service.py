"""Keeping the counters of a school, inside the school."""

from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.oversight import counters, repository
from src.platform.teams import service as teams


async def refresh(unit: Unit, month: int) -> None:
    """Count one month of the unit's organisation anew; a rebuild gives the same numbers."""
    await repository.lock_month(unit, month)
    kept = await deadlines.kept_in(unit, month)
    await repository.replace(unit, month, counters.of_school(kept, has_team=await teams.had_team(unit, month)))
    await repository.replace_paces(unit, month, await deadlines.took_in(unit, month, counters.TIMED))
