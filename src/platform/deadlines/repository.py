"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines.models import Obligation
from src.platform.deadlines.schemas import Kept

T = TypeVar("T")


async def add(unit: Unit, values: dict[str, object]) -> UUID | None:
    """Store an obligation, or revive a cancelled one; None when this clock of this period runs already."""
    query = insert(Obligation).values(**values)
    fresh = {name: values[name] for name in ("started_at", "target_at", "due_at", "calendar_version", "responsible")}
    revive = query.on_conflict_do_update(
        index_elements=["tenant_id", "code", "subject_id", "period"],
        set_={
            **fresh,
            "cancelled_at": None,
            "reminded_at": None,
            "overdue_at": None,
            "version": Obligation.version + 1,
        },
        where=Obligation.cancelled_at.is_not(None),
    )
    return (await unit.session.execute(revive.returning(Obligation.id))).scalar_one_or_none()


async def one(unit: Unit, obligation_id: UUID) -> Obligation | None:
    """One obligation."""
    return (await unit.session.scalars(select(Obligation).where(Obligation.id == obligation_id))).one_or_none()


async def lock(unit: Unit, obligation_id: UUID) -> Obligation | None:
    """One obligation, locked for the rest of the transaction."""
    query = select(Obligation).where(Obligation.id == obligation_id).with_for_update()
    return (await unit.session.scalars(query)).one_or_none()


async def meet(unit: Unit, codes: Collection[str], subject_id: UUID, period: str, at: datetime) -> list[datetime]:
    """End running clocks of a subject; when each was due."""
    query = (
        update(Obligation)
        .where(Obligation.code.in_(codes), Obligation.subject_id == subject_id, Obligation.period == period)
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(met_at=at, version=Obligation.version + 1)
        .returning(Obligation.due_at)
    )
    return list((await unit.session.scalars(query)).all())


async def cancel(unit: Unit, code: str, subject_id: UUID, at: datetime) -> None:
    """Stop running clocks of a subject."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.code == code, Obligation.subject_id == subject_id)
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(cancelled_at=at, version=Obligation.version + 1)
    )


async def release(unit: Unit, membership_id: UUID) -> None:
    """Running clocks of a member become nobody's."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.responsible == membership_id, Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(responsible=None, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def let_go(unit: Unit, subject_id: UUID, members: Collection[UUID]) -> None:
    """What these members owe of one record is owed by nobody in particular."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.subject_id == subject_id, Obligation.responsible.in_(members))
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(responsible=None, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def hand_to(unit: Unit, subject_ids: Collection[UUID], membership_id: UUID) -> None:
    """Running clocks of some records become a member's."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.subject_id.in_(subject_ids), Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(responsible=membership_id, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def hand_on(unit: Unit, code: str, subject_id: UUID, before: UUID, after: UUID) -> None:
    """A running clock of one member, or of nobody, becomes another's."""
    await unit.session.execute(
        update(Obligation)
        .where(Obligation.code == code, Obligation.subject_id == subject_id)
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .where(or_(Obligation.responsible == before, Obligation.responsible.is_(None)))
        .values(responsible=after, version=Obligation.version + 1)
        .execution_options(synchronize_session=False)
    )


async def of_subjects(unit: Unit, subject_ids: Collection[UUID]) -> list[Obligation]:
    """Every clock of some records, the earliest due first."""
    return await together.rows(unit.session, clocks_of(subject_ids))


def clocks_of(subject_ids: Collection[UUID]) -> Read[Obligation]:
    """Every clock of some records, the earliest due first."""
    query = select(Obligation).where(Obligation.subject_id.in_(subject_ids)).order_by(Obligation.due_at, Obligation.id)
    return Read(("clocks", *subject_ids), query)


def next_due(subject_id: InstrumentedAttribute[UUID]) -> ScalarSelect[datetime]:
    """Inside another statement: when the running clock of a row that is due first is due; null without one."""
    return _first_running(subject_id, Obligation.due_at)


def next_state(subject_id: InstrumentedAttribute[UUID], now: datetime) -> ScalarSelect[str]:
    """The same: its state, as `state_of` says it."""
    states = case((Obligation.due_at < now, "overdue"), (Obligation.target_at < now, "amber"), else_="open")
    return _first_running(subject_id, states)


def _first_running(
    subject_id: InstrumentedAttribute[UUID], what: ColumnElement[T] | InstrumentedAttribute[T]
) -> ScalarSelect[T]:
    query = (
        select(what)
        .where(Obligation.subject_id == subject_id, Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .order_by(Obligation.due_at, Obligation.id)
        .limit(1)
        .correlate_except(Obligation)
    )
    return query.scalar_subquery()


async def running(unit: Unit, membership_id: UUID, *, all_of_the_organisation: bool, most: int) -> list[Obligation]:
    """Running clocks, the earliest due first: one's own and nobody's, or all."""
    query = select(Obligation).where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
    if not all_of_the_organisation:
        query = query.where(or_(Obligation.responsible == membership_id, Obligation.responsible.is_(None)))
    return list((await unit.session.scalars(query.order_by(Obligation.due_at, Obligation.id).limit(most))).all())


async def kept(unit: Unit, start: datetime, end: datetime, now: datetime) -> list[Kept]:
    """How the clocks ended that fell due in a span; one that still runs is not counted."""
    in_time, late = Obligation.met_at <= Obligation.due_at, Obligation.met_at > Obligation.due_at
    missed = and_(Obligation.met_at.is_(None), Obligation.due_at < now)
    counts = [func.count().filter(condition) for condition in (in_time, late, missed)]
    query = (
        select(Obligation.code, *counts)
        .where(Obligation.due_at >= start, Obligation.due_at < end)
        .where(or_(Obligation.cancelled_at.is_(None), Obligation.cancelled_at > Obligation.due_at))
        .group_by(Obligation.code)
    )
    rows = (await unit.session.execute(query)).all()
    return [Kept(code=row[0], met_in_time=row[1], met_late=row[2], missed=row[3]) for row in rows]


async def missed_in_a_row(unit: Unit, code: str, subject_id: UUID, period: str) -> int:
    """How many periods up to this one went by unmet, without a met one between (calendar.md, weekly reports)."""
    last_met = (
        select(func.coalesce(func.max(Obligation.period), ""))
        .where(Obligation.code == code, Obligation.subject_id == subject_id, Obligation.period <= period)
        .where(Obligation.met_at.is_not(None), Obligation.overdue_at.is_(None))
        .scalar_subquery()
    )
    query = select(func.count()).where(
        Obligation.code == code,
        Obligation.subject_id == subject_id,
        Obligation.period <= period,
        Obligation.period > last_met,
        Obligation.overdue_at.is_not(None),
    )
    return (await unit.session.execute(query)).scalar_one()
