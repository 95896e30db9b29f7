"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from src.platform.db.unit import Unit
from src.platform.notifications.models import Notification

_MOST = 100


async def of_member(unit: Unit, membership_id: UUID) -> list[Notification]:
    """A member's messages, the newest first."""
    query = select(Notification).where(Notification.membership_id == membership_id, Notification.withdrawn_at.is_(None))
    return list((await unit.session.scalars(query.order_by(Notification.created_at.desc()).limit(_MOST))).all())


async def mark_read(unit: Unit, membership_id: UUID, at: datetime) -> None:
    """All of a member's messages are read."""
    await unit.session.execute(
        update(Notification)
        .where(Notification.membership_id == membership_id, Notification.read_at.is_(None))
        .values(read_at=at)
    )


async def withdraw(unit: Unit, members: Collection[UUID], subject_kind: str, subject_id: UUID, at: datetime) -> None:
    """Messages about a record are no longer shown or counted."""
    await unit.session.execute(
        update(Notification)
        .where(Notification.membership_id.in_(members), Notification.withdrawn_at.is_(None))
        .where(Notification.subject_kind == subject_kind, Notification.subject_id == subject_id)
        .values(withdrawn_at=at, read_at=func.coalesce(Notification.read_at, at))
        .execution_options(synchronize_session=False)
    )
