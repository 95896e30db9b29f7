"""Servers, schema, region, processes, a table of sign-ins; serves until Ctrl-C."""

import asyncio
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from src.platform.cli.demo.region import PASSWORD, SignIn, ensure_region
from src.platform.cli.local import problems
from src.platform.cli.local.ports import is_free
from src.platform.cli.local.servers import LocalServers
from src.platform.cli.local.supervisor import Supervisor
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations

_PATIENCE_SECONDS = 30.0
_DEFAULT_PORT = "8000"


def main(_arguments: list[str]) -> int:
    """Run the demo. Raises LocalProblemError."""
    folder = Path(os.environ.get("QORGAN_DATA", ".qorgan"))
    port = int(os.environ.get("QORGAN_PORT", _DEFAULT_PORT))
    if not is_free(port):
        raise problems.port_taken(port)
    _say("Starting PostgreSQL and Valkey …")
    with LocalServers(folder) as servers:
        environment = servers.environment() | {
            "QORGAN_PORT": str(port),
            "QORGAN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        os.environ.update(environment)
        settings.cache_clear()
        _say("Bringing the database up to date …")
        migrations.main()
        _say("Looking after the demo region …")
        people = asyncio.run(ensure_region())
        supervisor = Supervisor(folder / "log", environment)
        try:
            for verb in ("worker", "relay", "web"):
                supervisor.start(verb)
            _wait_for(f"http://127.0.0.1:{port}/ready", folder / "log" / "web.log")
            _table(people, port)
            ended = supervisor.wait()
            if ended is not None:
                raise problems.would_not_start(f"The process “{ended}”", str(folder / "log" / f"{ended}.log"))
        finally:
            _say("Stopping …")
            supervisor.stop()
    _say("Stopped. The data stay in " + str(folder))
    return 0


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise problems.would_not_start("The web process", str(log))


def _table(people: list[SignIn], port: int) -> None:
    width = max(len(one.sign_in) for one in people)
    _say("")
    for one in people:
        _say(f"  {one.sign_in:<{width}}  {one.roles}  ({one.place})")
    _say(f"\nOpen http://127.0.0.1:{port} – the password of everybody is {PASSWORD}. Ctrl-C stops everything.")


def _say(text: str) -> None:
    print(text, flush=True)
    sys.stdout.flush()
