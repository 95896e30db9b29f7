"""Dramatiq on Redis as a doorbell: one message carries one outbox id, nothing is ever retried by it."""

from uuid import UUID

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, AsyncIO, Callbacks, Pipelines, ShutdownNotifications, TimeLimit

from src.platform.kit.settings import settings
from src.platform.outbox.run import run_job

QUEUE = "qorgan"
_HEARTBEAT_MS = 30_000
_MAINTENANCE_CHANCE = 50_000  # the default lets a dead worker's messages wait for hours (stack.md F)
_TIME_LIMIT_MS = 120_000
_PATIENCE_SECONDS = 5.0


def make_broker() -> RedisBroker:
    """The broker of this process. No Retries middleware: the outbox row decides (S-46)."""
    middleware = [AgeLimit(), TimeLimit(), ShutdownNotifications(), Callbacks(), Pipelines(), AsyncIO()]
    broker = RedisBroker(  # type: ignore[no-untyped-call]  # the library gives no types here
        client=redis.Redis.from_url(  # a doorbell that has gone silent may not hold up who rings it
            settings().redis_url,
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            socket_keepalive=True,
        ),
        middleware=middleware,
        heartbeat_timeout=_HEARTBEAT_MS,
        maintenance_chance=_MAINTENANCE_CHANCE,
    )
    dramatiq.set_broker(broker)
    return broker


def declare(broker: RedisBroker) -> dramatiq.Actor[[str], None]:
    """The one actor that the queue knows: it runs an outbox row."""

    async def run_outbox_row(outbox_id: str) -> None:
        await run_job(UUID(outbox_id))

    named = dramatiq.actor(actor_name="outbox.run", queue_name=QUEUE, broker=broker, time_limit=_TIME_LIMIT_MS)
    return named(run_outbox_row)
