"""Saying that something is to happen: in the same transaction as the change (S-42)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text

from src.platform.db import prepared
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id

Argument = UUID | int | Enum
_EMIT = prepared.compiled(
    text(
        "insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at, hours_only) values "
        "(:id, :actor, :args, :tenant, :target, :at, coalesce(:first, clock_timestamp()), :hours_only)"
    )
)
_WAKE = prepared.compiled(
    text(
        "insert into wake_at (id, at, actor, args, tenant_id) select id, at, actor, args, tenant_id "
        "from jsonb_to_recordset(:rows) as r(id uuid, at timestamptz, actor text, args jsonb, tenant_id uuid)"
    )
)


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
    await prepared.done(
        unit.session,
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
    await wake_all(unit, [(at, actor)], args, target_tenant=target_tenant)


async def wake_all(
    unit: Unit,
    calls: Iterable[tuple[datetime, str]],
    args: Mapping[str, Argument],
    *,
    target_tenant: UUID | None = None,
) -> None:
    """The same for several moments and actors, in one statement."""
    tenant, said = str(target_tenant or unit.tenant_id), _plain(args)
    rows = [
        {"id": str(new_id()), "at": at.isoformat(), "actor": actor, "args": said, "tenant_id": tenant}
        for at, actor in calls
    ]
    await prepared.done(unit.session, _WAKE, {"rows": Jsonb(rows)})


def _plain(args: Mapping[str, Argument]) -> dict[str, str | int]:
    return {name: _plain_value(value) for name, value in args.items()}


def _plain_value(value: Argument) -> str | int:
    if isinstance(value, Enum):
        return str(value.value)
    return value if isinstance(value, int) else str(value)
