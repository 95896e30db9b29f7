"""Saying that something is to happen: in the same transaction as the change (S-42)."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from psycopg.types.json import Jsonb

from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id

Argument = UUID | int | Enum
_EMIT = (
    "insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at, hours_only) values (%(id)s, "
    "%(actor)s, %(args)s, %(tenant)s, %(target)s, %(at)s, coalesce(%(first)s, clock_timestamp()), %(hours_only)s)"
)
_WAKE = "insert into wake_at (id, at, actor, args, tenant_id) values (%(id)s, %(at)s, %(actor)s, %(args)s, %(tenant)s)"


async def emit(
    unit: Unit,
    actor: str,
    args: Mapping[str, Argument],
    *,
    target_tenant: UUID | None = None,
) -> UUID:
    """Ask for one call of an actor once this transaction is committed; returns the row's id.

    `target_tenant` is the organisation in whose context it runs, the unit's own by default. Of the anonymous channel
    the row keeps only the local hour, and so does everything that the actor writes (S-18).
    """
    row_id, hours_only = new_id(), clock.tells_hours_only()
    connection = await unit.session.connection()
    await connection.exec_driver_sql(
        _EMIT,
        {
            "id": row_id,
            "actor": actor,
            "args": Jsonb(_plain(args)),
            "tenant": unit.tenant_id,
            "target": target_tenant or unit.tenant_id,
            "at": clock.now(),
            "first": clock.local_hour(clock.real_now()) if hours_only else None,
            "hours_only": hours_only,
        },
    )
    return row_id


async def wake(
    unit: Unit, at: datetime, actor: str, args: Mapping[str, Argument], *, target_tenant: UUID | None = None
) -> None:
    """Ask for one call of an actor at a moment of domain time, in the unit's organisation unless told."""
    connection = await unit.session.connection()
    tenant = target_tenant or unit.tenant_id
    row = {"id": new_id(), "at": at, "actor": actor, "args": Jsonb(_plain(args)), "tenant": tenant}
    await connection.exec_driver_sql(_WAKE, row)


def _plain(args: Mapping[str, Argument]) -> dict[str, str | int]:
    return {name: _plain_value(value) for name, value in args.items()}


def _plain_value(value: Argument) -> str | int:
    if isinstance(value, Enum):
        return str(value.value)
    return value if isinstance(value, int) else str(value)
