"""Who may hear of an assessment's term."""

from collections.abc import Collection
from uuid import UUID

from src.platform.commission import repository
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault


async def may_read(unit: Unit, members: list[Member], assessment_id: UUID) -> list[Member]:
    """The members that may read the assessment."""
    return [
        member
        for member in members
        if await repository.readable_by(unit, member.roles, await vault.facts_of(unit, member), assessment_id)
    ]


async def mine(unit: Unit, assessment_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which of these the unit's person may read, by the code of the child."""
    return {i: await vault.code(unit, "child", i) for i in await repository.readable(unit, assessment_ids)}


readers.register("assessment", may_read, mine)
