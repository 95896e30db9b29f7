"""What the queue gave up: a person of the region says of each row what becomes of it (S-48); how the doorbell stands.

Nobody learns here what a row was about: its actor, the organisation and the kind of the failure.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import redis.asyncio as redis
from redis.exceptions import RedisError

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit.errors import NotFound
from src.platform.kit.settings import settings

ALARM = "notifications.queue_dead"
"""Tells whoever keeps the queue. It says nothing of itself when it fails."""
_PATIENCE = 2.0


class DeadRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call that failed for good."""

    id: UUID
    actor: str
    target_tenant: UUID
    attempts: int
    dead_at: datetime
    failure: str


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows are due and since when the oldest waits; the dead ones, the oldest first."""

    open: int
    oldest: datetime | None
    dead: list[DeadRow]


async def state(unit: Unit) -> State:
    """The queue of the whole region."""
    access.require(unit, "queue.keep")
    connection = await unit.session.connection()
    row = (await connection.exec_driver_sql("select * from queue_state()")).mappings().one()
    return msgspec.convert(dict(row), State, strict=False)


async def again(unit: Unit, row_id: UUID) -> None:
    """Run a dead row once more, with all its attempts. Raises NotFound."""
    await _settle(unit, row_id, "queue_again", "queue.tried_again")


async def close(unit: Unit, row_id: UUID) -> None:
    """A person has seen to it: the row leaves the page and is never run. Raises NotFound."""
    await _settle(unit, row_id, "queue_close", "queue.closed")


async def weaknesses(url: str = "") -> list[str]:
    """What is wrong with the doorbell (S-47): `unreachable`, `evicts`, `forgets`. It may fail; the case may not."""
    client = redis.Redis.from_url(
        url or settings().redis_url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
    )
    try:
        known = await client.info("everything")
    except RedisError:
        return ["unreachable"]
    finally:
        await client.aclose()
    found = [] if known.get("maxmemory_policy", "noeviction") == "noeviction" else ["evicts"]
    return found if known.get("aof_enabled") else [*found, "forgets"]


async def _settle(unit: Unit, row_id: UUID, function: str, action: str) -> None:
    access.require(unit, "queue.keep")
    connection = await unit.session.connection()
    statement = f"select {function}(%(id)s)"
    if not (await connection.exec_driver_sql(statement, {"id": row_id})).scalar_one():
        raise NotFound
    audit.record(unit, action, "outbox", [row_id])
