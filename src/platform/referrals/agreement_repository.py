"""Queries of agreements."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select, update

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.referrals.models import Agreement
from src.platform.tenants import service as tenants


async def one(unit: Unit, agreement_id: UUID) -> Agreement | None:
    """An agreement of the unit's organisation; a partner has none that the school has not signed."""
    query = select(Agreement).where(Agreement.id == agreement_id)
    query = query.where(or_(Agreement.tenant_id == unit.tenant_id, Agreement.signed_by_school_at.is_not(None)))
    return (await unit.session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def page(unit: Unit, agreement_id: UUID) -> Agreement | None:
    """The same with what its page needs, in one statement."""
    query = select(Agreement).where(Agreement.id == agreement_id)
    query = query.where(or_(Agreement.tenant_id == unit.tenant_id, Agreement.signed_by_school_at.is_not(None)))
    read = Read(("agreement", agreement_id), query)
    await together.prefetch(unit.session, read, tenants.all_tenants(), tenants.all_settings())
    return next(iter(await together.rows(unit.session, read)), None)


async def in_the_way(
    unit: Unit, partner: UUID, services: list[str], valid_from: date, valid_to: date, but: UUID | None
) -> bool:
    """Whether a living agreement of the pair covers one of these services on one of these days.

    Holds the pair until the transaction ends: two drafts cannot pass each other.
    """
    pair = func.hashtextextended(f"agreement|{unit.tenant_id}|{partner}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(pair)))
    query = select(Agreement.id).where(
        Agreement.tenant_id == unit.tenant_id,
        Agreement.peer_tenant_id == partner,
        Agreement.discarded_at.is_(None),
        Agreement.ended_at.is_(None),
        Agreement.service_types.overlap(services),
        Agreement.valid_from <= valid_to,
        Agreement.valid_to >= valid_from,
    )
    if but is not None:
        query = query.where(Agreement.id != but)
    return (await unit.session.scalars(query)).first() is not None


async def write(unit: Unit, agreement: Agreement, version: int, **changes: object) -> bool:
    """Change an agreement if nobody did since `version`."""
    done = await unit.session.execute(
        update(Agreement)
        .where(Agreement.id == agreement.id, Agreement.version == version)
        .values(version=Agreement.version + 1, **changes)
        .returning(Agreement.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None
