"""Who may hear of a record's clocks: the owning module answers, because only it knows relations (decisions 17)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from src.platform.db.unit import Unit
from src.platform.tenants.schemas import Member

Id = ColumnElement[UUID]
MayRead = Callable[[Unit, list[Member], UUID], Awaitable[list[Member]]]
Visible = Callable[[frozenset[str], Id, str], ColumnElement[bool]]
StandIns = Callable[[Unit, str, UUID], Awaitable[list[Member]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record that has clocks.

    `may_read`: who of some members may read it. `visible`: inside another statement, whether roles and facts of a
    reader open the record with this id, and with the class if one is asked. What it is called without a name:
    `number` inside another statement, or `code`.
    """

    may_read: MayRead
    visible: Visible
    number: Callable[[Id], ColumnElement[str]] | None = None
    code: Callable[[Unit, UUID], Awaitable[str]] | None = None


_kinds: dict[str, Kind] = {}
_stand_ins: dict[str, StandIns] = {}


def opens(record: InstrumentedAttribute[UUID], subject: Id, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Inside another statement: whether the record with this id is one of those that the condition opens.

    OFFSET keeps PostgreSQL from reading every such record of the organisation into a hash instead of this one.
    """
    return select(record).where(record == subject, condition).offset(0).exists()


def register(subject_kind: str, kind: Kind) -> None:
    """Make a kind known."""
    _kinds[subject_kind] = kind


def register_stand_ins(subject_kind: str, stand_ins: StandIns) -> None:
    """Say who hears of a record's clocks in place of a role whose every holder is in conflict (R-271)."""
    _stand_ins[subject_kind] = stand_ins


def kinds() -> dict[str, Kind]:
    """Every kind, by its name."""
    return dict(_kinds)


async def instead_of(unit: Unit, role: str, subject_kind: str, subject_id: UUID) -> list[Member]:
    """Who hears in place of a role; a kind that says nothing has nobody."""
    stand_ins = _stand_ins.get(subject_kind)
    return await stand_ins(unit, role, subject_id) if stand_ins else []


async def of(unit: Unit, subject_kind: str, members: list[Member], subject_id: UUID) -> list[Member]:
    """The members that may; a kind without an answer has no readers."""
    kind = _kinds.get(subject_kind)
    return await kind.may_read(unit, members, subject_id) if kind else []


async def label(unit: Unit, subject_kind: str, subject_id: UUID, number: str | None) -> str:
    """What a record is called for the unit's reader, without a name; `number` as its statement found it."""
    kind = _kinds[subject_kind]
    return number or (await kind.code(unit, subject_id) if kind.code else "")
