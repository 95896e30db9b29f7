"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.db.unit import Unit
from src.platform.deadlines.models import Obligation


async def add(unit: Unit, values: dict[str, object]) -> UUID | None:
    """Store an obligation; None when this clock of this period runs already."""
    query = insert(Obligation).values(**values).on_conflict_do_nothing().returning(Obligation.id)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def one(unit: Unit, obligation_id: UUID) -> Obligation | None:
    """One obligation."""
    return (await unit.session.scalars(select(Obligation).where(Obligation.id == obligation_id))).one_or_none()


async def lock(unit: Unit, obligation_id: UUID) -> Obligation | None:
    """One obligation, locked for the rest of the transaction."""
    query = select(Obligation).where(Obligation.id == obligation_id).with_for_update()
    return (await unit.session.scalars(query)).one_or_none()


async def meet(unit: Unit, codes: Collection[str], subject_id: UUID, period: str, at: datetime) -> list[UUID]:
    """End running clocks of a subject."""
    query = (
        update(Obligation)
        .where(Obligation.code.in_(codes), Obligation.subject_id == subject_id, Obligation.period == period)
        .where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
        .values(met_at=at, version=Obligation.version + 1)
        .returning(Obligation.id)
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


async def of_subjects(unit: Unit, subject_ids: Collection[UUID]) -> list[Obligation]:
    """Every clock of some records, the earliest due first."""
    query = select(Obligation).where(Obligation.subject_id.in_(subject_ids)).order_by(Obligation.due_at, Obligation.id)
    return list((await unit.session.scalars(query)).all())


async def running(unit: Unit, membership_id: UUID, *, all_of_the_organisation: bool, most: int) -> list[Obligation]:
    """Running clocks, the earliest due first: one's own and nobody's, or all."""
    query = select(Obligation).where(Obligation.met_at.is_(None), Obligation.cancelled_at.is_(None))
    if not all_of_the_organisation:
        query = query.where(or_(Obligation.responsible == membership_id, Obligation.responsible.is_(None)))
    return list((await unit.session.scalars(query.order_by(Obligation.due_at, Obligation.id).limit(most))).all())


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
