"""Accounts of students and parents: memberships that are nobody's colleagues, made and ended together (ADR 13)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.tenants import repository
from src.platform.tenants.schemas import FamilyAccount


async def living(unit: Unit, person_ids: Collection[UUID]) -> dict[UUID, FamilyAccount]:
    """Person -> account, for those of these people who have one."""
    return {
        row.person_id: FamilyAccount(
            membership_id=row.id, user_id=row.user_id, person_id=row.person_id, since=row.since, used=used
        )
        for row, used in await repository.families(unit, person_ids)
    }


async def holds(unit: Unit, user_id: UUID) -> bool:
    """Whether this is the account of a student or parent of the unit's organisation."""
    return await repository.is_family(unit, user_id)


async def add(unit: Unit, users: Mapping[UUID, UUID], roles: Mapping[UUID, str]) -> dict[UUID, UUID]:
    """Let people in, person -> user and person -> role, in two statements; person -> membership."""
    made, at = {person: new_id() for person in users}, clock.now()
    rows: list[dict[str, object]] = [
        {
            "tenant_id": unit.tenant_id,
            "id": made[person],
            "user_id": user_id,
            "person_id": person,
            "roles": [roles[person]],
            "since": at,
            "family": True,
        }
        for person, user_id in users.items()
    ]
    await repository.add_families(unit, rows)
    return made


async def end(unit: Unit, membership_ids: Collection[UUID]) -> list[UUID]:
    """End accounts. The caller ends the sessions of the users it gets, and writes the audit row."""
    return await repository.end_families(unit, membership_ids, clock.now())
