"""The relay process: hears the doorbell, leases outbox rows, sends them; ticks the moments of domain time."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
import structlog
from dramatiq.errors import DramatiqError
from redis.exceptions import RedisError

from src.platform.audit import checkpoint
from src.platform.db import catalogue
from src.platform.kit import telemetry
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata
from src.platform.outbox import dead, relay
from src.platform.retention import ledger
from src.platform.worker.broker import declare, make_broker

_POLL_SECONDS = 1.0
_RECONNECT_SECONDS = 2.0
_LOOK_FOR_CHECKPOINT = checkpoint.EVERY / 10
_log = structlog.get_logger(__name__)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    telemetry.start("relay")
    asyncio.run(serve())


async def serve() -> None:
    """Relay until asked to stop; a lost database or queue is waited for, never fatal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    for weakness in await dead.weaknesses():
        _log.warning("queue_weak", weakness=weakness)  # it may fail, the case may not (S-47)
    send = declare(make_broker())
    while not stop.is_set():
        try:
            await _relay_until(stop, send.send)
        except psycopg.OperationalError as error:
            _log.warning("relay_database_lost", error=type(error).__name__)
            await asyncio.sleep(_RECONNECT_SECONDS)


async def _relay_until(stop: asyncio.Event, send: Callable[[str], object]) -> None:
    catalogue.refuse_unsafe("qorgan_relay", metadata)  # S-1; at every connection, the database may be another one
    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    async with (
        await psycopg.AsyncConnection.connect(url) as work,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as doorbell,
        _checkpoints(url) as checkpoints,
    ):
        await doorbell.execute("listen qorgan_outbox")
        while not stop.is_set():
            if checkpoints.done():
                checkpoints.result()
            busy = await _round(work, send)
            if not busy:
                async for _ in doorbell.notifies(timeout=_POLL_SECONDS, stop_after=1):
                    break


@asynccontextmanager
async def _checkpoints(url: str) -> AsyncIterator[asyncio.Task[None]]:
    """Take checkpoints beside the relaying: a remote folder that hangs must not hold up a message."""
    async with await psycopg.AsyncConnection.connect(url) as heads:
        keeping = asyncio.create_task(_keep_checkpoints(heads))
        try:
            yield keeping
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])


async def _keep_checkpoints(heads: psycopg.AsyncConnection) -> None:
    while True:
        await checkpoint.take(heads)
        await ledger.carry_out(heads)
        await asyncio.sleep(_LOOK_FOR_CHECKPOINT.total_seconds())


async def _round(work: psycopg.AsyncConnection, send: Callable[[str], object]) -> bool:
    fired = await relay.fire_due(work)
    leased = await relay.lease(work)
    for sent, row in enumerate(leased):
        try:
            send(str(row.id))
        except (RedisError, DramatiqError) as error:
            _log.warning("relay_queue_lost", error=type(error).__name__)
            await relay.give_back(work, leased[sent:])
            return False
    return bool(fired or leased)
