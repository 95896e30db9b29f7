"""What may be counted of referrals and agreements: kinds of service, schools of a partner, days that are agreed."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.referrals.models import Agreement, Referral


class Agreed(NamedTuple):
    """An agreement that both sides signed: services and days."""

    agreement_id: UUID
    partner: UUID
    service_types: list[str]
    valid_from: date
    valid_to: date
    ended_on: date | None


async def sent(unit: Unit, since: datetime, until: datetime) -> dict[str, int]:
    """Referrals of the unit's own organisation in a span of time, by kind of service; a recalled one was sent too."""
    query = (
        select(Referral.service_type, func.count().label("number"))
        .where(Referral.tenant_id == unit.tenant_id, Referral.sent_at >= since, Referral.sent_at < until)
        .group_by(Referral.service_type)
    )
    return {row.service_type: row.number for row in await unit.session.execute(query)}


async def schools_of(unit: Unit, referrals: Collection[UUID]) -> dict[UUID, UUID]:
    """Which school sent each of these referrals to the unit's organisation."""
    query = select(Referral.id, Referral.tenant_id).where(
        Referral.id.in_(referrals), Referral.peer_tenant_id == unit.tenant_id
    )
    return {row.id: row.tenant_id for row in await unit.session.execute(query)}


async def agreed(unit: Unit) -> list[Agreed]:
    """Every agreement of the unit's school that both sides signed, those that are over too."""
    query = select(Agreement).where(Agreement.tenant_id == unit.tenant_id, Agreement.signed_by_partner_at.is_not(None))
    rows = (await unit.session.scalars(query.execution_options(populate_existing=True))).all()
    return [
        Agreed(
            agreement_id=one.id,
            partner=one.peer_tenant_id,
            service_types=one.service_types,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            ended_on=clock.local_date(one.ended_at) if one.ended_at else None,
        )
        for one in rows
    ]
