"""Who may hear that something falls due: whoever may confirm it and may read one of these records (decisions 17)."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.incidents import readers as incidents
from src.platform.kit import clock
from src.platform.notifications import readers as messages
from src.platform.retention import repository, terms
from src.platform.tenants.schemas import Member

KEEP, INCIDENT, SUBJECT = "retention.keep", "incident", "retention"


async def concerned(unit: Unit, members: list[Member], _subject: UUID) -> list[Member]:
    """The members for whose list a record is due; somebody in conflict in the only one learns nothing of it."""
    years = await terms.years_of(unit, INCIDENT)
    due = await repository.due(unit, terms.due_before(clock.local_date(clock.now()), years), everybody=True)
    roles = access.roles_with(KEEP)
    return await incidents.may_read_any(unit, [one for one in members if one.roles & roles], [one.id for one in due])


messages.register(SUBJECT, concerned)
