"""Who hears of the clock of a month: everybody whose role follows it, for it shows no number (decisions 17)."""

from uuid import UUID

from sqlalchemy import ColumnElement, Text, false, func, select, true

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.monthly import repository, service
from src.platform.monthly.models import FormEMonth
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member


async def may_read(_unit: Unit, members: list[Member], _month_id: UUID) -> list[Member]:
    """The members that may know whether the form is confirmed; nobody's conflict shows here."""
    return [one for one in members if access.has_module(one.roles, service.FOLLOW)]


def visible(roles: frozenset[str], _month_id: readers.Id, _opened: str) -> ColumnElement[bool]:
    """Whether a role follows the months at all."""
    return true() if access.has_module(roles, service.FOLLOW) else false()


def number(month_id: readers.Id) -> ColumnElement[str]:
    """The month, as 10.2026."""
    year = FormEMonth.month // 100
    text = func.concat(func.to_char(FormEMonth.month % 100, "FM00"), ".", year.cast(Text))
    return select(text).where(FormEMonth.id == month_id).scalar_subquery()


async def stand_ins(unit: Unit, role: str, month_id: UUID) -> list[Member]:
    """Where every coordinator is in conflict, whoever may confirm the month: the deputy (R-271)."""
    if role not in access.holders(service.CONFIRM):
        return []
    members = await tenants.members(unit)
    free = await repository.may(unit, members, month_id, service.CONFIRM)
    acting = [one for one in members if one.membership_id in free]
    return [] if any(role in one.roles for one in acting) else acting


readers.register("form_e", readers.Kind(may_read, visible, number=number))
readers.register_stand_ins("form_e", stand_ins)
