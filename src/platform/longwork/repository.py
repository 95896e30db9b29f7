"""Every query of the module."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, delete, exists, func, or_, select, update

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.longwork import kinds, states
from src.platform.longwork.models import LongWork, LongWorkPart

_MOST_LISTED = 50


class Seen(NamedTuple):
    """A piece of work, and whether it has files."""

    work: LongWork
    has_files: bool


async def lock_kind(unit: Unit, kind: str) -> None:
    """Two presses at once come one after the other, until the end of the transaction."""
    key = func.hashtextextended(f"long_work|{unit.tenant_id}|{kind}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(key)))


async def living(unit: Unit, kind: str, subject_id: UUID, number: int) -> UUID | None:
    """The piece about this that has not ended."""
    query = select(LongWork.id).where(
        LongWork.kind == kind,
        LongWork.subject_id == subject_id,
        LongWork.number == number,
        LongWork.state.in_(states.LIVING),
    )
    found: UUID | None = await unit.session.scalar(query)
    return found


def add(unit: Unit, row: LongWork) -> None:
    """Keep a new piece."""
    unit.session.add(row)


def _visible(unit: Unit) -> Select[LongWork, bool]:
    """Mine, and the shared ones of kinds that I may begin."""
    shared = kinds.shared_with(lambda permission: access.may_enter(unit.me, permission))
    query = select(LongWork, exists().where(LongWorkPart.work_id == LongWork.id))
    return query.where(or_(LongWork.membership_id == unit.me.membership_id, LongWork.kind.in_(shared)))


async def one(unit: Unit, work_id: UUID) -> Seen | None:
    """A piece that the reader may see."""
    row = (await unit.session.execute(_visible(unit).where(LongWork.id == work_id))).one_or_none()
    return Seen(*row) if row else None


async def listed(unit: Unit) -> list[Seen]:
    """Pieces that the reader may see: those that go on first, then the latest."""
    goes_on = case((LongWork.state.in_(states.LIVING), 0), else_=1)
    query = _visible(unit).order_by(goes_on, LongWork.created_at.desc(), LongWork.id).limit(_MOST_LISTED)
    return [Seen(*row) for row in (await unit.session.execute(query)).all()]


async def own_locked(unit: Unit, work_id: UUID) -> LongWork | None:
    """A piece that the reader may see, once the step that runs has ended; as it is then."""
    shared = kinds.shared_with(lambda permission: access.may_enter(unit.me, permission))
    query = select(LongWork).where(
        LongWork.id == work_id,
        or_(LongWork.membership_id == unit.me.membership_id, LongWork.kind.in_(shared)),
    )
    return (await unit.session.scalars(query.with_for_update())).one_or_none()


async def locked(unit: Unit, work_id: UUID) -> LongWork | None:
    """A piece for the worker; who cancels it waits until the transaction ends."""
    return (await unit.session.scalars(select(LongWork).where(LongWork.id == work_id).with_for_update())).one_or_none()


async def change(unit: Unit, work_id: UUID, **values: Any) -> None:
    """Say how it goes on."""
    await unit.session.execute(
        update(LongWork).where(LongWork.id == work_id).values(**values).execution_options(synchronize_session=False)
    )


async def parts(unit: Unit, work_id: UUID) -> Sequence[LongWorkPart]:
    """The sealed files, in their order."""
    query = select(LongWorkPart).where(LongWorkPart.work_id == work_id).order_by(LongWorkPart.number)
    return (await unit.session.scalars(query)).all()


def add_part(unit: Unit, part: LongWorkPart) -> None:
    """Keep a sealed file."""
    unit.session.add(part)


async def has_parts(unit: Unit, work_id: UUID) -> bool:
    """Whether there are files."""
    return bool(await unit.session.scalar(select(exists().where(LongWorkPart.work_id == work_id))))


async def drop_parts(unit: Unit, work_id: UUID, at: datetime) -> list[UUID]:
    """Take the files of a piece away whose time is over; which they were."""
    over = exists().where(LongWork.id == LongWorkPart.work_id, LongWork.expires_at <= at)
    query = delete(LongWorkPart).where(LongWorkPart.work_id == work_id, over).returning(LongWorkPart.id)
    return list((await unit.session.scalars(query.execution_options(synchronize_session=False))).all())
