"""Who is tied to whom: close persons of children, and the fingerprints of a family (R-064, decisions 12)."""

from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec

from src.platform.db.unit import Unit
from src.platform.vault import blinds, repository
from src.platform.vault.keys import Keys, keys_of
from src.platform.vault.schemas import Tie


async def tie(unit: Unit, child_id: UUID, adult_id: UUID, relation: str) -> None:
    """Say that an adult is a parent or close person of a child: conflict of interest follows it (R-064)."""
    await tie_people(unit, [Tie(child_id=child_id, adult_id=adult_id, relation=relation)])


async def tie_people(unit: Unit, ties: Collection[Tie]) -> None:
    """The same for many; a tie said twice is one."""
    if ties:
        rows = [{"tenant_id": unit.tenant_id, **msgspec.structs.asdict(one)} for one in ties]
        await repository.tie(unit, rows)


async def of_children(unit: Unit, children: Collection[UUID]) -> frozenset[Tie]:
    """The close persons of children."""
    known = await repository.ties_of(unit, children)
    return frozenset(Tie(child_id=c, adult_id=a, relation=relation) for (c, a), relation in known.items())


async def own_children(unit: Unit) -> dict[UUID, list[bytes]]:
    """The children of the person behind the unit, with their fingerprints; `facts` asks nothing after it."""
    keys, me = await keys_of(unit), unit.me.person_id
    ties = await repository.families_of(unit, {me})
    unit.blinds = _family(keys, me, ties)
    return {child: _stands_as(keys, [child]) for child, adult in ties if adult == me}


async def children_of(unit: Unit, adults: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Whose close persons these adults are."""
    ties = await repository.families_of(unit, adults) if adults else []
    return {adult: {child for child, other in ties if other == adult} for adult in adults}


async def of_reader(unit: Unit) -> dict[str, list[bytes]]:
    """Fingerprints of the reader's family, as the request found it when it began; a program's or a job's unit asks."""
    if unit.ties is None:
        return (await of_people(unit, {unit.me.person_id}))[unit.me.person_id]
    return _family(await keys_of(unit), unit.me.person_id, unit.ties)


async def of_people(unit: Unit, person_ids: Collection[UUID]) -> dict[UUID, dict[str, list[bytes]]]:
    """The same of others, each in a family of their own."""
    keys, ties = await keys_of(unit), await repository.families_of(unit, person_ids)
    return {person_id: _family(keys, person_id, ties) for person_id in person_ids}


def _family(keys: Keys, person_id: UUID, ties: Collection[tuple[UUID, UUID]]) -> dict[str, list[bytes]]:
    """Fingerprints of a person, of the children, and of everybody tied to the person or to those children."""
    children = {child for child, adult in ties if adult == person_id}
    own = [pair for pair in ties if pair[0] in children | {person_id}]
    relatives = {one for pair in own for one in pair} - {person_id}
    return {
        "mine": _stands_as(keys, [person_id]),
        "children": _stands_as(keys, children),
        "relatives": _stands_as(keys, relatives),
    }


def _stands_as(keys: Keys, person_ids: Iterable[UUID]) -> list[bytes]:
    return blinds.every(keys.blind, map(blinds.of_person, person_ids))
