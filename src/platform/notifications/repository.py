"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.db.unit import Unit
from src.platform.notifications.models import MailBox, Notification

_MOST = 100


async def of_member(unit: Unit, membership_id: UUID) -> list[Notification]:
    """A member's messages, the newest first."""
    query = select(Notification).where(Notification.membership_id == membership_id, Notification.withdrawn_at.is_(None))
    return list(
        (
            await unit.session.scalars(
                query.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(_MOST)
            )
        ).all()
    )


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


async def one(unit: Unit, message_id: UUID) -> Notification | None:
    """One message."""
    return await unit.session.get(Notification, (unit.tenant_id, message_id))


async def unmailed(unit: Unit, message_id: UUID) -> Notification | None:
    """One message that is still to be mailed; not locked, so that its reader need not wait for a slow mail server."""
    query = select(Notification).where(Notification.id == message_id, _unmailed())
    return (await unit.session.scalars(query)).one_or_none()


async def due(unit: Unit, membership_id: UUID, at: datetime) -> list[Notification]:
    """A member's messages whose digest has come, unless they were read meanwhile, the oldest first."""
    query = select(Notification).where(
        Notification.membership_id == membership_id,
        Notification.mail_at <= at,
        Notification.read_at.is_(None),
        _unmailed(),
    )
    query = query.order_by(Notification.created_at, Notification.id).limit(_MOST)
    return list((await unit.session.scalars(query)).all())


async def is_awaited(unit: Unit, membership_id: UUID, at: datetime) -> bool:
    """Whether another message of the member waits for the same moment, which is on its way then."""
    query = select(Notification.id).where(
        Notification.membership_id == membership_id, Notification.mail_at == at, _unmailed()
    )
    return (await unit.session.scalars(query.limit(1))).first() is not None


async def has_unread(unit: Unit, membership_id: UUID, kind: str) -> bool:
    """Whether a member has an unread message of a kind."""
    query = select(Notification.id).where(
        Notification.membership_id == membership_id,
        Notification.kind == kind,
        Notification.read_at.is_(None),
        Notification.withdrawn_at.is_(None),
    )
    return (await unit.session.scalars(query.limit(1))).first() is not None


async def told_lately(unit: Unit, membership_id: UUID, kind: str, most: int) -> list[Notification]:
    """The latest messages of a kind to a member, read or not."""
    query = select(Notification).where(Notification.membership_id == membership_id, Notification.kind == kind)
    query = query.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(most)
    return list((await unit.session.scalars(query)).all())


async def box(unit: Unit, membership_id: UUID) -> MailBox | None:
    """A member's choices about e-mail, where they made any."""
    return await unit.session.get(MailBox, (unit.tenant_id, membership_id))


async def locked_box(unit: Unit, membership_id: UUID) -> MailBox:
    """The same, locked; made when there is none."""
    made = insert(MailBox).values(tenant_id=unit.tenant_id, id=membership_id)
    await unit.session.execute(made.on_conflict_do_nothing())
    key = (unit.tenant_id, membership_id)
    return await unit.session.get_one(MailBox, key, with_for_update=True, populate_existing=True)


def _unmailed() -> ColumnElement[bool]:
    return and_(Notification.mailed_at.is_(None), Notification.withdrawn_at.is_(None))
