"""Saying that something is to happen: in the same transaction as the change (S-42)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from src.platform.db import closing
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id

Argument = UUID | int | Enum
_JOBS = closing.Kind(
    "jobs",
    "insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at, hours_only) "
    "select id, actor, args, tenant, target, at, coalesce(first, clock_timestamp()), hours_only "
    "from jsonb_to_recordset(:jobs) as r(id uuid, actor text, args jsonb, tenant uuid, target uuid, at timestamptz, "
    "first timestamptz, hours_only boolean)",
)
_ALARMS = closing.Kind(
    "alarms",
    "insert into wake_at (id, at, actor, args, tenant_id) select id, at, actor, args, tenant_id "
    "from jsonb_to_recordset(:alarms) as r(id uuid, at timestamptz, actor text, args jsonb, tenant_id uuid)",
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
    await closing.leave(
        unit.session,
        _JOBS,
        {
            "id": row_id,
            "actor": actor,
            "args": args,
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
    """The same for several moments and actors."""
    tenant = target_tenant or unit.tenant_id
    for at, actor in calls:
        row = {"id": new_id(), "at": at, "actor": actor, "args": args, "tenant_id": tenant}
        await closing.leave(unit.session, _ALARMS, row)
