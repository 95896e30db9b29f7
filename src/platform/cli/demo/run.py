"""Servers, schema, region, processes, a table of sign-ins; serves until Ctrl-C."""

import argparse
import asyncio
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import psycopg
import redis
from sqlalchemy.exc import DBAPIError

from src.platform.cli.demo.history import keeping
from src.platform.cli.demo.history.build import Size, sign_ins
from src.platform.cli.demo.region import PASSWORD, SignIn, ensure_region, open_to_newcomers
from src.platform.cli.local import problems
from src.platform.cli.local.folder import NEEDED_MB, DataFolder
from src.platform.cli.local.ports import is_free, next_free_port
from src.platform.cli.local.servers import LocalServers
from src.platform.cli.local.stopping import STOPPING
from src.platform.cli.local.supervisor import Supervisor
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations

_PATIENCE_SECONDS = 30.0
_AFTER_A_KILL_SECONDS = 20.0
_LOOK_SECONDS = 0.1
_FULL_MB = 20
_DEFAULT_PORT = "8000"
_LOWEST_PORT, _HIGHEST_PORT = 1024, 65535
_INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run the demo. Raises LocalProblemError."""
    parser = argparse.ArgumentParser(prog="qorgan demo")
    parser.add_argument("--region", action="store_true", help="three schools with half a year of history")
    with_history = parser.parse_args(arguments).region
    _at_a_signal(_interrupt)
    path = Path(os.environ.get("QORGAN_DATA", ".qorgan"))
    folder = DataFolder(path / "region" if with_history else path)
    try:
        with folder:
            _serve(folder, with_history=with_history)
    except KeyboardInterrupt:
        _say("Stopped before it was ready. Start it again at any time.")
        return _INTERRUPTED
    except OSError as error:
        problem = problems.of_system(error, folder.path, NEEDED_MB)
        raise problem or error from error
    except (psycopg.Error, DBAPIError) as error:
        if folder.free_mb() < _FULL_MB:
            raise problems.no_space(folder.path, NEEDED_MB) from error
        raise
    _say(f"Stopped. The data stay in {folder.path}")
    return 0


def _serve(folder: DataFolder, *, with_history: bool) -> None:
    port = _port(patient=folder.was_killed)
    _say("The last run was killed. Cleaning up after it …" if folder.was_killed else "Starting PostgreSQL and Valkey …")
    with LocalServers(folder.path) as servers:
        address = f"http://127.0.0.1:{port}"
        environment = servers.environment() | {"QORGAN_PORT": str(port), "QORGAN_PUBLIC_URL": address}
        os.environ.update(environment)
        settings.cache_clear()
        _check_named_servers()
        if with_history:
            if not servers.has_own_database:
                raise problems.history_needs_its_own()
            keeping.prepare(folder.path, servers.database_url)
        _say("Bringing the database up to date …")
        migrations.main()
        open_to_newcomers(is_ours=servers.has_own_database)
        _say("Looking after the demo region …")
        people = _region(folder.path, with_history=with_history)
        logs = folder.path / "log"
        supervisor = Supervisor(logs, environment)
        try:
            for verb in ("worker", "relay", "web"):
                supervisor.start(verb)
            _wait_for(f"{address}/ready", supervisor, logs)
            supervisor.heed(*STOPPING)
            _table(people, address)
            ended = supervisor.wait()
        finally:
            _say("Stopping …")
            supervisor.stop()
        if ended is not None:
            raise problems.ended(f"The process “{ended}”", logs / f"{ended}.log")


def _region(folder: Path, *, with_history: bool) -> list[SignIn]:
    """Who signs in. A signal ends the making where it waits: raised in the middle of the loop, Ctrl-C can be lost."""
    stopped = threading.Event()
    _at_a_signal(lambda *_: stopped.set())
    told = not with_history or keeping.ensure(folder, size=Size(), say=_say, goes_on=lambda: not stopped.is_set())
    _at_a_signal(lambda *_: _interrupt() if stopped.is_set() else stopped.set())  # the second one always ends it
    people = asyncio.run(_unless(stopped)) if told else []
    _at_a_signal(_interrupt)
    if stopped.is_set() or not told:
        raise KeyboardInterrupt
    return [*people, *sign_ins()] if with_history else people


async def _unless(stopped: threading.Event) -> list[SignIn]:
    """The region, given up once somebody has `stopped` it."""
    region = asyncio.ensure_future(ensure_region())
    region.add_done_callback(lambda done: done.cancelled() or done.exception())  # a second signal tells of itself
    while not (region.done() or stopped.is_set()):
        await asyncio.wait({region}, timeout=_LOOK_SECONDS)
    region.cancel()
    await asyncio.wait({region})
    return [] if region.cancelled() else region.result()


def _interrupt(*_: object) -> NoReturn:
    """Ctrl-C, a closed window and a plain kill unwind alike; a second one does not break off the cleaning up."""
    _at_a_signal(lambda *_: None)
    raise KeyboardInterrupt


def _at_a_signal(heed: Callable[..., object]) -> None:
    for number in STOPPING:
        signal.signal(number, heed)


def _port(*, patient: bool) -> int:
    """The port to serve on; the pages of a killed run go down by themselves, which takes a moment."""
    named = os.environ.get("QORGAN_PORT", _DEFAULT_PORT)
    if not named.isdecimal() or not _LOWEST_PORT <= int(named) <= _HIGHEST_PORT:
        raise problems.no_port(named)
    port, deadline = int(named), time.monotonic() + (_AFTER_A_KILL_SECONDS if patient else 0)
    while not is_free(port):
        if time.monotonic() > deadline:
            raise problems.port_taken(port, next_free_port(port))
        time.sleep(0.1)
    return port


def _check_named_servers() -> None:
    """Servers of the environment are somebody else's: say which one is not there. Raises LocalProblemError."""
    try:
        psycopg.connect(settings().database_url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise problems.unreachable("PostgreSQL", "QORGAN_DATABASE_URL") from error
    try:
        with redis.Redis.from_url(settings().redis_url, socket_connect_timeout=5) as queue:
            queue.ping()
    except (redis.RedisError, ValueError) as error:
        raise problems.unreachable("Redis", "QORGAN_REDIS_URL") from error


def _wait_for(url: str, supervisor: Supervisor, logs: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (ended := supervisor.ended()) is not None:
            raise problems.would_not_start(f"The process “{ended}”", logs / f"{ended}.log")
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise problems.would_not_start("The process “web”", logs / "web.log")


def _table(people: list[SignIn], address: str) -> None:
    width = max(len(one.sign_in) for one in people)
    _say("")
    for one in people:
        _say(f"  {one.sign_in:<{width}}  {one.roles}  ({one.place})")
    _say(f"\nOpen {address} – the password of everybody is {PASSWORD}. Ctrl-C stops everything.")
    _say(f"What to try as whom: {address}/tour after signing in. `make region` has half a year behind it.")
    _say("Who has set up a second factor here is asked for it (on “My account”); elsewhere")
    _say("everybody whose role opens names or health has to have one.")


def _say(text: str) -> None:
    with suppress(OSError):  # nobody reads any more; what was started is stopped all the same
        print(text, flush=True)
