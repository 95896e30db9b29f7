"""Who may hear of a record's clocks: the owning module answers, because only it knows relations (decisions 17)."""

from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.tenants.schemas import Member

MayRead = Callable[[Unit, list[Member], UUID], Awaitable[list[Member]]]
Mine = Callable[[Unit, Collection[UUID]], Awaitable[dict[UUID, str]]]
StandIns = Callable[[Unit, str, UUID], Awaitable[list[Member]]]
_readers: dict[str, MayRead] = {}
_mine: dict[str, Mine] = {}
_stand_ins: dict[str, StandIns] = {}


def register(subject_kind: str, may_read: MayRead, mine: Mine) -> None:
    """Say who of some members may read a record of this kind, and what the unit's person may read, with a label."""
    _readers[subject_kind], _mine[subject_kind] = may_read, mine


def register_stand_ins(subject_kind: str, stand_ins: StandIns) -> None:
    """Say who hears of a record's clocks in place of a role whose every holder is in conflict (R-271)."""
    _stand_ins[subject_kind] = stand_ins


async def instead_of(unit: Unit, role: str, subject_kind: str, subject_id: UUID) -> list[Member]:
    """Who hears in place of a role; a kind that says nothing has nobody."""
    stand_ins = _stand_ins.get(subject_kind)
    return await stand_ins(unit, role, subject_id) if stand_ins else []


async def of(unit: Unit, subject_kind: str, members: list[Member], subject_id: UUID) -> list[Member]:
    """The members that may; a kind without an answer has no readers."""
    may_read = _readers.get(subject_kind)
    return await may_read(unit, members, subject_id) if may_read else []


async def readable_subjects(unit: Unit, subjects: Collection[tuple[str, UUID]]) -> dict[UUID, str]:
    """Which of these records the unit's person may read, with a label without names; one question a kind."""
    found: dict[UUID, str] = {}
    for kind in {kind for kind, _ in subjects}:
        if (mine := _mine.get(kind)) is not None:
            found |= await mine(unit, [subject_id for its, subject_id in subjects if its == kind])
    return found
