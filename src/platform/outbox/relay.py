"""The relay's two statements: lease what is to be sent, turn due moments into outbox rows."""

from dataclasses import dataclass
from uuid import UUID

import psycopg

LEASE_SECONDS = 30
BATCH = 200
_PAUSE_SECONDS = 2

_LEASE = """
    update outbox set attempts = attempts + 1, lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
                      next_at = clock_timestamp() + make_interval(secs => %(lease)s)
    where id in (select id from outbox where done_at is null and dead_at is null and next_at <= clock_timestamp()
                 order by next_at limit %(batch)s for update skip locked)
    returning id, actor"""
_GIVE_BACK = """
    update outbox set attempts = attempts - 1, lease_until = null,
                      next_at = clock_timestamp() + make_interval(secs => %(pause)s)
    where id in (select id from outbox where id = any(%(ids)s) and done_at is null and dead_at is null
                 for update skip locked)"""
# The moment is computed once, in a query of its own, so that it may stand in the condition of the index: a tick costs
# by what is due, not by what waits.
_WAKE = """
    with due as (
        update wake_at set fired_at = clock_timestamp()
        where id = any (array(select w.id from wake_at w
                     where w.fired_at is null
                       and w.at <= (select clock_timestamp() + s.clock_offset from platform_state s)
                     order by w.at limit %(batch)s for update of w skip locked))
        returning *)
    insert into outbox (id, actor, args, tenant_id, target_tenant, created_at)
    select id, actor, args, tenant_id, tenant_id, at from due order by at"""


@dataclass(frozen=True, slots=True)
class Leased:
    """A row that this relay may send for the next LEASE_SECONDS."""

    id: UUID
    actor: str


async def lease(connection: psycopg.AsyncConnection) -> list[Leased]:
    """Take up to BATCH rows. A row comes back when its lease ends without an effect."""
    cursor = await connection.execute(_LEASE, {"lease": LEASE_SECONDS, "batch": BATCH})
    rows = [Leased(*row) for row in await cursor.fetchall()]
    await connection.commit()
    return rows


async def give_back(connection: psycopg.AsyncConnection, rows: list[Leased]) -> None:
    """Nobody was told of these rows: they are no attempt, and are leased again in a moment (S-46)."""
    await connection.execute(_GIVE_BACK, {"ids": [row.id for row in rows], "pause": _PAUSE_SECONDS})
    await connection.commit()


async def fire_due(connection: psycopg.AsyncConnection) -> int:
    """Turn moments that have come into outbox rows; the number of rows. Two relays never fire one twice."""
    cursor = await connection.execute(_WAKE, {"batch": BATCH})
    await connection.commit()
    return cursor.rowcount
