"""Who is away, from when to when, and who stands in: a fact about a member of any organisation."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.tenants.models import Absence


def not_over(day: date) -> Read[Absence]:
    """Absences that are not over on a day, the earliest first."""
    query = select(Absence).where(Absence.ended_at.is_(None), Absence.last_day >= day)
    return Read(("absences", day), query.order_by(Absence.first_day, Absence.id))


async def on(unit: Unit, day: date, memberships: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Who of these is away on a day, with the deputy."""
    query = not_over(day).query.where(Absence.first_day <= day, Absence.membership_id.in_(memberships))
    return {row.membership_id: row.deputy for row in (await unit.session.scalars(query)).all()}


async def locked(unit: Unit, absence_id: UUID) -> Absence | None:
    """One absence that was not ended, locked."""
    query = select(Absence).where(Absence.id == absence_id, Absence.ended_at.is_(None)).with_for_update()
    return (await unit.session.scalars(query)).one_or_none()


async def add(unit: Unit, membership_id: UUID, first_day: date, last_day: date, deputy: UUID | None) -> UUID:
    """Somebody is away."""
    row = Absence(
        tenant_id=unit.tenant_id,
        id=new_id(),
        membership_id=membership_id,
        first_day=first_day,
        last_day=last_day,
        deputy=deputy,
        noted_by=unit.me.membership_id,
        noted_at=clock.now(),
    )
    unit.session.add(row)
    return row.id


def end(row: Absence) -> None:
    """Somebody is back."""
    row.ended_at, row.version = clock.now(), row.version + 1
