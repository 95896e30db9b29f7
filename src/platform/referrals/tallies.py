"""What may be counted of referrals: the kinds of service to which a school sent children."""

from datetime import datetime

from sqlalchemy import func, select

from src.platform.db.unit import Unit
from src.platform.referrals.models import Referral


async def sent(unit: Unit, since: datetime, until: datetime) -> dict[str, int]:
    """Referrals of the unit's own organisation in a span of time, by kind of service; a recalled one was sent too."""
    query = (
        select(Referral.service_type, func.count().label("number"))
        .where(Referral.tenant_id == unit.tenant_id, Referral.sent_at >= since, Referral.sent_at < until)
        .group_by(Referral.service_type)
    )
    return {row.service_type: row.number for row in await unit.session.execute(query)}
