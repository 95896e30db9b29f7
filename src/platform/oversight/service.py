"""Keeping the counters of a school, inside the school, and those of a partner, inside the partner."""

from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.oversight import counters, partners, repository
from src.platform.teams import service as teams
from src.platform.tenants import service as tenants


async def refresh(unit: Unit, month: int) -> None:
    """Count one month of the unit's organisation anew; a rebuild gives the same numbers."""
    await repository.lock_month(unit, month)
    kept = await deadlines.kept_in(unit, month)
    if (await tenants.organisation(unit, unit.tenant_id)).kind != tenants.SCHOOL:
        await partners.count(unit, month, kept)
        return
    await repository.replace(unit, month, counters.of_school(kept, has_team=await teams.had_team(unit, month)))
    await repository.replace_paces(unit, month, await deadlines.took_in(unit, month, counters.TIMED))
