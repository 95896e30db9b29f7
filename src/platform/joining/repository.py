"""Every query of the module."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import session as db_session
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.joining.models import Invitation, InvitationCode

_INVITE_FIRST = "select invite_first(%(tenant)s, %(id)s, %(blind)s, %(roles)s, %(at)s, %(until)s)"


async def add(unit: Unit, invitation: Invitation) -> None:
    """Store an invitation, and where its code leads."""
    unit.session.add(invitation)
    await unit.session.execute(
        insert(InvitationCode).values(code_blind=invitation.code_blind, tenant_id=unit.tenant_id)
    )


async def invite_first(unit: Unit, tenant_id: UUID, invitation: Invitation) -> bool:
    """Store an invitation in another organisation, from the operator's; False when somebody works there."""
    connection = await unit.session.connection()
    answer = await connection.exec_driver_sql(
        _INVITE_FIRST,
        {
            "tenant": tenant_id,
            "id": invitation.id,
            "blind": invitation.code_blind,
            "roles": invitation.roles,
            "at": invitation.made_at,
            "until": invitation.expires_at,
        },
    )
    return bool(answer.scalar_one())


def led_to(unit: Unit) -> UUID | None:
    """The invitation whose code opened this unit of work."""
    found: UUID | None = db_session.opened(unit.session).get("invitation_id")
    return found


async def locked(unit: Unit, invitation_id: UUID) -> Invitation | None:
    """One invitation, locked: two people with one paper come one after the other."""
    query = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    return (await unit.session.scalars(query)).one_or_none()


def all_waiting() -> Read[Invitation]:
    """Invitations that nobody used or revoked, those first that end first or have ended."""
    query = select(Invitation).where(_is_waiting()).order_by(Invitation.expires_at, Invitation.id)
    return Read(("invitations",), query)


async def waiting(unit: Unit) -> list[Invitation]:
    """Invitations of the unit's organisation that nobody used or revoked."""
    return await together.rows(unit.session, all_waiting())


async def one(unit: Unit, invitation_id: UUID) -> Invitation | None:
    """One invitation of the unit's organisation."""
    return (await unit.session.scalars(select(Invitation).where(Invitation.id == invitation_id))).one_or_none()


async def revoke(unit: Unit, invitation_id: UUID, version: int, at: datetime) -> bool:
    """Revoke a waiting invitation if nobody touched it since `version`."""
    done = await unit.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.version == version, _is_waiting())
        .values(revoked_at=at, version=Invitation.version + 1)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def revoke_made_by(unit: Unit, user_id: UUID, at: datetime) -> list[UUID]:
    """Revoke whatever somebody invited; the invitations."""
    done = await unit.session.execute(
        update(Invitation)
        .where(Invitation.made_by == user_id, _is_waiting())
        .values(revoked_at=at, version=Invitation.version + 1)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return list(done.scalars().all())


def is_waiting(invitation: Invitation) -> bool:
    """Whether nobody used or revoked it; it may have ended by itself."""
    return invitation.used_at is None and invitation.revoked_at is None


def is_open(invitation: Invitation, at: datetime) -> bool:
    """Whether it lets somebody in at a moment."""
    return is_waiting(invitation) and at < invitation.expires_at


def _is_waiting() -> ColumnElement[bool]:
    return and_(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
