"""Saying that something is to happen: in the same transaction as the change (S-42)."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from psycopg.types.json import Jsonb

from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import anonymous_id, new_id

Argument = UUID | int | Enum
_EMIT = (
    "insert into outbox (id, actor, args, tenant_id, target_tenant, created_at) "
    "values (%(id)s, %(actor)s, %(args)s, %(tenant)s, %(target)s, %(at)s)"
)
_WAKE = "insert into wake_at (id, at, actor, args, tenant_id) values (%(id)s, %(at)s, %(actor)s, %(args)s, %(tenant)s)"


async def emit(
    unit: Unit,
    actor: str,
    args: Mapping[str, Argument],
    *,
    target_tenant: UUID | None = None,
    hide_time: bool = False,
) -> UUID:
    """Ask for one call of an actor once this transaction is committed; returns the row's id.

    `target_tenant` is the organisation in whose context it runs, the unit's own by default. `hide_time` keeps only
    the local hour and an id without a moment (anonymous channel, S-18).
    """
    row_id = anonymous_id() if hide_time else new_id()
    connection = await unit.session.connection()
    await connection.exec_driver_sql(
        _EMIT,
        {
            "id": row_id,
            "actor": actor,
            "args": Jsonb(_plain(args)),
            "tenant": unit.tenant_id,
            "target": target_tenant or unit.tenant_id,
            "at": clock.local_hour(clock.now()) if hide_time else clock.now(),
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
