"""Every query of the vault."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, insert, select

from src.platform.db.unit import Unit
from src.platform.vault.models import Person, PersonNameBlind, PersonTie


async def add(unit: Unit, people: list[dict[str, object]], blinds: list[dict[str, object]]) -> None:
    """Store people with the fingerprints of their names, in two statements."""
    if people:
        await unit.session.execute(insert(Person), people)
    if blinds:
        await unit.session.execute(insert(PersonNameBlind), blinds)


async def identities(unit: Unit, ids: Collection[UUID]) -> dict[UUID, tuple[str, bytes]]:
    """Kind and sealed identity of people."""
    rows = await unit.session.execute(select(Person.id, Person.kind, Person.identity).where(Person.id.in_(ids)))
    return {row.id: (row.kind, row.identity) for row in rows.all()}


async def by_iin(unit: Unit, blinds: Collection[bytes]) -> dict[bytes, UUID]:
    """Which of these numbers are known already."""
    rows = await unit.session.execute(select(Person.iin_blind, Person.id).where(Person.iin_blind.in_(blinds)))
    return {row.iin_blind: row.id for row in rows.all() if row.iin_blind}


async def matching(
    unit: Unit, blinds: Collection[bytes], kinds: Collection[str], most: int
) -> list[tuple[UUID, str, bytes]]:
    """People that all of these name beginnings fit."""
    hits = (
        select(PersonNameBlind.person_id)
        .where(PersonNameBlind.blind.in_(blinds))
        .group_by(PersonNameBlind.person_id)
        .having(func.count() == len(blinds))
    )
    query = select(Person.id, Person.kind, Person.identity).where(Person.id.in_(hits), Person.kind.in_(kinds))
    return [(row.id, row.kind, row.identity) for row in (await unit.session.execute(query.limit(most))).all()]


async def tie(unit: Unit, child_blind: bytes, adult_blind: bytes, relation: str) -> None:
    """Remember that an adult is a close person of a child."""
    unit.session.add(
        PersonTie(tenant_id=unit.tenant_id, child_blind=child_blind, adult_blind=adult_blind, relation=relation)
    )


async def children_of(unit: Unit, adult_blind: bytes) -> list[bytes]:
    """Fingerprints of the children whose close person this is."""
    query = select(PersonTie.child_blind).where(PersonTie.adult_blind == adult_blind)
    return list((await unit.session.scalars(query)).all())


def rows_of_blinds(tenant_id: UUID, person_id: UUID, blinds: Iterable[bytes]) -> list[dict[str, object]]:
    """Fingerprints as rows."""
    return [{"tenant_id": tenant_id, "blind": blind, "person_id": person_id} for blind in blinds]
