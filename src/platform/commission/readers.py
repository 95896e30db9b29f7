"""Who may hear of an assessment's term."""

from uuid import UUID

from sqlalchemy import ColumnElement

from src.platform.access import service as access
from src.platform.access.relations import scope
from src.platform.commission import repository
from src.platform.commission.models import Assessment
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.notifications import readers as messages
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault


async def may_read(unit: Unit, members: list[Member], assessment_id: UUID) -> list[Member]:
    """The members that may read the assessment."""
    return [
        member
        for member in members
        if await repository.readable_by(unit, member.roles, await vault.facts_of(unit, member), assessment_id)
    ]


def visible(roles: frozenset[str], assessment_id: readers.Id, opened: str) -> ColumnElement[bool]:
    """Whether the reader of a statement may read the assessment with this id, and has the class."""
    return readers.opens(Assessment.id, assessment_id, scope(roles, "assessment.read", opened=opened))


async def code(unit: Unit, assessment_id: UUID) -> str:
    """This organisation's code of the child."""
    return await vault.code(unit, "child", assessment_id)


async def supporters(_unit: Unit, members: list[Member], _copy_id: UUID) -> list[Member]:
    """Whoever opens the commission's reports."""
    return [member for member in members if access.has_module(member.roles, "assessment_copy.read")]


messages.register("assessment_copy", supporters)
readers.register("assessment", readers.Kind(may_read, visible, code=code))
