"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, or_, select, update

from src.platform.access.relations import scope
from src.platform.casework.models import ChildCase
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents.models import Incident
from src.platform.referrals.models import Referral, ReferralCase
from src.platform.retention.models import Destruction, Erasure, Hold
from src.platform.vault import service as vault

_ERASE = "select erase(%(erasure)s, %(at)s)"
_MOST = 200
_READ = "incident.read"
HOLDS: Read[Hold] = Read(
    ("retention_hold",), select(Hold).where(Hold.lifted_at.is_(None)).order_by(Hold.placed_at, Hold.id)
)
DESTRUCTIONS: Read[Destruction] = Read(
    ("destruction",), select(Destruction).order_by(Destruction.confirmed_at.desc(), Destruction.id)
)


class Due(NamedTuple):
    """A record whose term is over."""

    id: UUID
    number: str
    closed_at: datetime


async def due(
    unit: Unit, before: datetime, *, among: Collection[UUID] | None = None, everybody: bool = False
) -> list[Due]:
    """Closed incidents of before that nothing holds, of those the reader may read; the earliest first.

    Linked ones end with the one they live on in. `everybody`: for a job, which tells that something is due, not what.
    """
    query = select(Incident.id, Incident.number, Incident.closed_at).where(
        Incident.state == "closed",
        Incident.linked_into.is_(None),
        Incident.closed_at < before,
        ~exists().where(Hold.incident_id == Incident.id, Hold.lifted_at.is_(None)),
        ~exists().where(
            ChildCase.incident_id == Incident.id,
            ChildCase.monitored_since.is_not(None),
            ChildCase.violence_stopped_at.is_(None),
        ),
        ~exists().where(
            ReferralCase.incident_id == Incident.id,
            Referral.id == ReferralCase.referral_id,
            or_(Referral.state == "sent", Referral.state == "accepted"),
        ),
        ~exists().where(Erasure.record_id == Incident.id, Erasure.erased_at.is_(None), Erasure.kept_because.is_(None)),
    )
    if among is not None:
        query = query.where(Incident.id.in_(among)).with_for_update(of=Incident)
    if everybody:
        rows = await unit.session.execute(query.limit(_MOST))
    else:
        query = query.where(scope(unit.me.roles, _READ)).order_by(Incident.closed_at, Incident.id).limit(_MOST)
        rows = await unit.session.execute(query, await vault.facts(unit))
    return [Due(row.id, row.number, row.closed_at) for row in rows.all() if row.closed_at is not None]


async def readable(unit: Unit, numbers: Collection[str] = (), ids: Collection[UUID] = ()) -> dict[UUID, str]:
    """Incidents of these numbers or ids that the reader may read, with their numbers."""
    query = select(Incident.id, Incident.number).where(
        or_(Incident.number.in_(numbers), Incident.id.in_(ids)), scope(unit.me.roles, _READ)
    )
    return {row.id: row.number for row in (await unit.session.execute(query, await vault.facts(unit))).all()}


async def holds(unit: Unit) -> list[Hold]:
    """What is held now."""
    return await together.rows(unit.session, HOLDS)


async def hold(unit: Unit, hold_id: UUID) -> Hold | None:
    """One hold, locked."""
    return await unit.session.get(Hold, (unit.tenant_id, hold_id), with_for_update=True)


async def lift_ended(unit: Unit, at: datetime, today: object) -> list[UUID]:
    """Holds whose last day is over hold no longer; which."""
    query = update(Hold).where(Hold.lifted_at.is_(None), Hold.until < today).values(lifted_at=at).returning(Hold.id)
    return list((await unit.session.scalars(query.execution_options(synchronize_session=False))).all())


async def destructions(unit: Unit) -> list[Destruction]:
    """What was confirmed, the latest first."""
    return await together.rows(unit.session, DESTRUCTIONS)


def destruction(destruction_id: UUID) -> Read[Destruction]:
    """One of them."""
    return Read(("destruction", destruction_id), select(Destruction).where(Destruction.id == destruction_id))


def erasures(destruction_id: UUID) -> Read[Erasure]:
    """The records of a list."""
    query = select(Erasure).where(Erasure.destruction_id == destruction_id)
    return Read(("erasure", destruction_id), query.order_by(Erasure.closed_on, Erasure.number))


async def erase(unit: Unit, erasure_id: UUID, at: datetime) -> bool:
    """Destroy one confirmed record; False when something holds it, or it is destroyed already."""
    connection = await unit.session.connection()
    answer = await connection.exec_driver_sql(_ERASE, {"erasure": erasure_id, "at": at})
    return bool(answer.scalar_one())


async def destroy_again(unit: Unit, record_id: UUID) -> bool:
    """As the owner of the database: what was erased before is here again after a restore; whether it was."""
    query = select(func.destroy_incident(Incident.id)).where(Incident.id == record_id)
    return (await unit.session.execute(query)).one_or_none() is not None
