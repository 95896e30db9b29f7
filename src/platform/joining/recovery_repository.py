"""Every query about second factors that were lost; a row is seen by the one or two organisations that stand in it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, literal, or_, select, update
from sqlalchemy.types import DateTime

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.joining.models import SecondFactorRecovery

_ONLY_HEAD = "select only_head(%(tenant)s, %(roles)s)"


async def only_head(unit: Unit, tenant_id: UUID, roles: Collection[str]) -> UUID | None:
    """The user of the one who heads another organisation, from the operator's; None unless it is exactly one."""
    connection = await unit.session.connection()
    answer = await connection.exec_driver_sql(_ONLY_HEAD, {"tenant": tenant_id, "roles": sorted(roles)})
    found: UUID | None = answer.scalar_one()
    return found


async def one(unit: Unit, recovery_id: UUID) -> SecondFactorRecovery | None:
    """One of them, to be read."""
    query = select(SecondFactorRecovery).where(SecondFactorRecovery.id == recovery_id)
    return (await unit.session.scalars(query)).one_or_none()


async def locked(unit: Unit, recovery_id: UUID) -> SecondFactorRecovery | None:
    """One of them, locked."""
    query = select(SecondFactorRecovery).where(SecondFactorRecovery.id == recovery_id).with_for_update()
    return (await unit.session.scalars(query)).one_or_none()


def _is_open(moment: BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(
        SecondFactorRecovery.confirmed_at.is_(None),
        SecondFactorRecovery.withdrawn_at.is_(None),
        SecondFactorRecovery.expires_at > moment,
    )


_MOMENT = bindparam("moment", type_=DateTime(timezone=True))
_WAITING = select(SecondFactorRecovery).where(_is_open(_MOMENT)).order_by(SecondFactorRecovery.expires_at)


def all_waiting(moment: datetime) -> Read[SecondFactorRecovery]:
    """Those that wait for their second person, the one that ends first at the top."""
    return Read(("recoveries", moment), _WAITING, {"moment": moment})


async def waiting(unit: Unit, moment: datetime, *, of_user: UUID | None = None) -> list[SecondFactorRecovery]:
    """The same, of one person if told."""
    found = await together.rows(unit.session, all_waiting(moment))
    return [one for one in found if of_user is None or one.user_id == of_user]


async def write(unit: Unit, row: SecondFactorRecovery, version: int, **changes: object) -> bool:
    """Decide one if nobody did since `version`."""
    done = await unit.session.execute(
        update(SecondFactorRecovery)
        .where(SecondFactorRecovery.id == row.id, SecondFactorRecovery.version == version)
        .values(version=SecondFactorRecovery.version + 1, **changes)
        .returning(SecondFactorRecovery.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def drop(unit: Unit, user_id: UUID, at: datetime, *, left: bool) -> list[UUID]:
    """Withdraw what somebody started, and what was started about them here if they have left."""
    theirs = SecondFactorRecovery.started_by == user_id
    if left:
        about = and_(SecondFactorRecovery.user_id == user_id, SecondFactorRecovery.place_id == unit.tenant_id)
        theirs = or_(theirs, about)
    done = await unit.session.execute(
        update(SecondFactorRecovery)
        .where(theirs, _is_open(literal(at)))
        .values(withdrawn_by=unit.me.user_id, withdrawn_at=at, version=SecondFactorRecovery.version + 1)
        .returning(SecondFactorRecovery.id)
        .execution_options(synchronize_session=False)
    )
    return list(done.scalars().all())
