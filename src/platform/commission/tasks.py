"""What the commission gives to others: ids only, run in the receiver's context (decisions 8)."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.commission import repository
from src.platform.db.unit import Unit
from src.platform.notifications import service as notifications
from src.platform.outbox.actors import actor
from src.platform.tenants import service as tenants


@actor("commission.copy_given")
async def copy_given(unit: Unit, copy: UUID) -> None:
    """At an organisation that supports a family: a report waits."""
    if await repository.copy(unit, copy) is None:
        return
    reading = access.roles_with("assessment_copy.read")
    told = [one.membership_id for one in await tenants.members(unit) if one.roles & reading]
    await notifications.notify(unit, told, "assessment_given", "assessment_copy", copy)
