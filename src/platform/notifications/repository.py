"""Every query of the module."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from src.platform.db.unit import Unit
from src.platform.notifications.models import Notification

_MOST = 100


async def of_member(unit: Unit, membership_id: UUID) -> list[Notification]:
    """A member's messages, the newest first."""
    query = select(Notification).where(Notification.membership_id == membership_id)
    return list((await unit.session.scalars(query.order_by(Notification.created_at.desc()).limit(_MOST))).all())


async def mark_read(unit: Unit, membership_id: UUID, at: datetime) -> None:
    """All of a member's messages are read."""
    await unit.session.execute(
        update(Notification)
        .where(Notification.membership_id == membership_id, Notification.read_at.is_(None))
        .values(read_at=at)
    )
