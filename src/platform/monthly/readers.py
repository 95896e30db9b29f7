"""Who hears of the clock of a month: everybody whose role follows it, for it shows no number (decisions 17)."""

from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.monthly import service
from src.platform.monthly.referral_log import service as referral_log
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member


async def stand_ins(unit: Unit, role: str, month_id: UUID) -> list[Member]:
    """Where every coordinator is in conflict, whoever may confirm the month: the deputy (R-271)."""
    if role not in access.holders(service.CONFIRM):
        return []
    members = await tenants.members(unit)
    free = await service.FORM.may(unit, members, month_id, service.CONFIRM)
    acting = [one for one in members if one.membership_id in free]
    return [] if any(role in one.roles for one in acting) else acting


for form in (service.FORM, referral_log.FORM):
    form.heard_of_by()
readers.register_stand_ins("form_e", stand_ins)
