"""What follows in the other organisation when somebody's second factor was lost."""

from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.joining.events import Told
from src.platform.joining.recovery import NOTED
from src.platform.outbox.actors import actor


@actor(NOTED)
async def recovery_noted(unit: Unit, recovery: UUID, what: Told) -> None:
    """Its own chain says it too."""
    audit.record(unit, f"recovery.{what.value}", "second_factor_recovery", [recovery])
