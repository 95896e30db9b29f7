"""Who hears of a letter: in the school and in the city, whoever may read letters at all."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.notifications import readers as messages
from src.platform.notifications import service as notifications
from src.platform.oversight.letters import service
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member


async def may_read(_unit: Unit, members: list[Member], _letter_id: UUID) -> list[Member]:
    """The members whose role reads letters; every letter of the organisation is theirs to read."""
    return [one for one in members if access.has_module(one.roles, service.READ)]


async def tell(unit: Unit, kind: str, letter_id: UUID) -> None:
    """Everybody of the unit's organisation who reads letters."""
    readers = await may_read(unit, await tenants.members(unit), letter_id)
    await notifications.notify(unit, [one.membership_id for one in readers], kind, "letter", letter_id)


messages.register("letter", may_read)
