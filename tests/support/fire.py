"""Servers of their own for tests that kill them: durable, on ports that stay, and somebody who kills at random."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import redis

from src.platform.cli.local.servers import LocalServers, Postgres, Valkey
from src.platform.kit.settings import settings
from tests.support.processes import Processes

_PID_FILES = {"postgres": "postmaster.pid", "valkey": "valkey.pid"}


@dataclass
class Burning:
    """A durable PostgreSQL and Valkey; `url` and `doorbell` are where they answer."""

    postgres: Postgres
    valkey: Valkey
    url: str
    doorbell: str
    folder: Path

    def kill_postgres(self) -> None:
        """Gone without a word, back on the same port after its recovery."""
        self.postgres.kill()
        self.postgres.start(_port(self.url))

    def kill_valkey(self) -> None:
        self.valkey.kill()
        self.valkey.start(_port(self.doorbell))

    def revive(self) -> None:
        """Start again, on the same ports, what could not go on."""
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            self.postgres.stop()
            self.postgres.start(_port(self.url))
        try:
            redis.Redis.from_url(self.doorbell, socket_timeout=5).ping()
        except redis.RedisError:
            self.kill_valkey()

    def pids(self, server: str) -> list[int]:
        """The processes of a server, the first one first."""
        first = int((self.folder / server / _PID_FILES[server]).read_text().split()[0])
        return [first, *(child.pid for child in psutil.Process(first).children(recursive=True))]

    def send(self, server: str, number: signal.Signals) -> None:
        """A signal to all of them."""
        for pid in self.pids(server):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def flush_valkey(self) -> None:
        redis.Redis.from_url(self.doorbell).flushall()


def _port(url: str) -> int:
    return urlsplit(url).port or 0


@contextmanager
def burning(folder: Path) -> Iterator[Burning]:
    """The environment of this process is theirs as long as it lasts."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("QORGAN_")}
    os.environ |= LocalServers(folder).environment()  # secrets come before the servers' data
    postgres, valkey = Postgres(folder, "password-of-a-test", fast=False), Valkey(folder, "password-of-a-test")
    postgres.tidy()
    try:
        servers = Burning(postgres, valkey, postgres.start(), valkey.start(), folder)
        os.environ |= {"QORGAN_DATABASE_URL": servers.url, "QORGAN_REDIS_URL": servers.doorbell}
        os.environ |= {"QORGAN_PASSWORD_TIME_COST": "1", "QORGAN_TEST_CLOCK": "1"}
        settings.cache_clear()
        yield servers
    finally:
        valkey.stop()
        postgres.stop()
        for name in [name for name in os.environ if name.startswith("QORGAN_")]:
            del os.environ[name]
        os.environ |= before
        settings.cache_clear()


@dataclass
class Nemesis:
    """Kills whatever comes next in a shuffled list; `seed` plays the same list again."""

    servers: Burning
    processes: Processes
    seed: int
    revived: list[str] = field(default_factory=list)

    async def rage(self, plan: dict[str, int]) -> None:
        """Every blow of the plan, in a random order, with pauses of a random length."""
        dice = random.Random(self.seed)  # noqa: S311  # a test
        blows = [what for what, times in plan.items() for _ in range(times)]
        dice.shuffle(blows)
        for what in blows:
            await asyncio.sleep(dice.uniform(0.1, 1.2))
            self.revived += self.processes.revive()
            await asyncio.to_thread(self._strike, what)

    def _strike(self, what: str) -> None:
        if what == "postgres":
            self.servers.kill_postgres()
        elif what == "valkey":
            self.servers.kill_valkey()
        elif what == "flush":
            self.servers.flush_valkey()
        else:
            self.processes.kill(what)
            self.processes.start(what)


async def until_quiet(url: str, patience: float) -> float:
    """Wait until nothing is open; seconds that it took."""
    loop = asyncio.get_running_loop()
    since = loop.time()
    with psycopg.connect(url, autocommit=True) as admin:
        while True:
            left = admin.execute(
                "select actor, failure from outbox where done_at is null and dead_at is null"
            ).fetchall()
            took = loop.time() - since
            if not left:
                return took
            if took > patience:
                raise TimeoutError(left)
            await asyncio.sleep(0.2)
