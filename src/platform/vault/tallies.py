"""What may be counted of people behind links: their sex, their number, and nothing that names them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.vault import service
from src.platform.vault.schemas import Identity

_SEX_IN_IIN = {"1": "male", "3": "male", "5": "male", "2": "female", "4": "female", "6": "female"}
_PLACE_IN_IIN = 6


class Counted(NamedTuple):
    """One person for a count; "" where the sex is not known."""

    person_id: UUID
    sex: str


async def sexes(unit: Unit, links: Sequence[tuple[UUID, bytes]]) -> list[Counted]:
    """The people behind links of (owner, sealed), in one statement. The caller stores numbers only (R-066)."""
    people = [await service.open_link(unit, sealed, owner_id) for owner_id, sealed in links]
    known = await service.identities_for_counting(unit, set(people))
    return [Counted(one, _sex(known[one])) for one in people]


async def fingerprints(unit: Unit, groups: Mapping[int, Iterable[UUID]]) -> dict[int, list[bytes]]:
    """The fingerprints of the people of each group, to be counted in SQL; no name is opened."""
    return {group: await service.blinds_of(unit, *people) for group, people in groups.items()}


def _sex(identity: Identity) -> str:
    """As it was told, else as the state number says it."""
    return identity.sex or _SEX_IN_IIN.get(identity.iin[_PLACE_IN_IIN : _PLACE_IN_IIN + 1], "")
