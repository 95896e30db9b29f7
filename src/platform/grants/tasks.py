"""What follows when access for a while is over."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.grants import glass, policy, readers
from src.platform.outbox.actors import actor

RELATIONS, READERS = policy.__name__, readers.__name__


@actor("grants.over")
async def over(unit: Unit, grant: UUID) -> None:
    """Its holder hears that it is over; of broken glass also whoever looks at what was seen."""
    await glass.over(unit, grant)
