"""Agreements as the city sees them: which end soon or have ended without another one, which schools have none.

An agreement names no child. Of its terms the city has services and days, nothing else (ADR 29).
"""

from src.platform.db.unit import Unit
from src.platform.oversight import repository
from src.platform.referrals import tallies as referrals

ENDED_SHOWN_DAYS = 180
"""An end longer ago is history and no question any more [D]."""


async def count(unit: Unit) -> None:
    """Keep the agreements of the unit's school anew: idempotent, a rebuild gives the same rows."""
    await repository.lock_agreements(unit)
    await repository.replace_agreements(unit, await referrals.agreed(unit))
