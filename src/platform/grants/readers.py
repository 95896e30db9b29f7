"""Who may hear of a request: who asked it, and who may decide it (decisions 17)."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.grants import registry, repository
from src.platform.notifications import readers as messages
from src.platform.tenants.schemas import Member


async def may_hear(unit: Unit, members: list[Member], grant_id: UUID) -> list[Member]:
    """Whoever has come into conflict with the record since hears nothing more of its requests."""
    row = await repository.of_grant(unit, grant_id)
    if row is None:
        return []
    asker = [one for one in members if one.membership_id == row.asked_by]
    if row.record_id is None:
        return asker
    kind = registry.find(row.kind, row.resource)
    others = [one for one in members if one.membership_id != row.asked_by]
    return asker + await kind.deciders(unit, others, row.record_id, kind.deciding)


messages.register("grant", may_hear)
