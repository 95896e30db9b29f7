"""One run: the region is made, both servers are started, each page is asked beside its limit, a table is printed.

    python -m bench [--schools 200] [--incidents 50000] [--seconds 4]

A ratio is the limit's CPU time a request divided by ours: 1.0 costs nothing beside the bare statements.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg

from bench import load, world
from bench.load import Figures, Request
from src.platform.access import policy
from src.platform.cli.local.ports import free_port
from src.platform.cli.local.servers import LocalServers
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations
from tests.support.http import csrf_of
from tests.support.people import PASSWORD, Person

_PLAIN, _AS_BROWSER = (("Accept", "application/json"),), (("Accept", "text/html"),)
_READERS = 20


@dataclass(frozen=True)
class Line:
    """A row of the table: what is asked of us, beside what limit, and the ratio to reach."""

    name: str
    ours: list[Request]
    limit: list[Request]
    reach: float | None = None


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--schools", type=int, default=200)
    asked.add_argument("--incidents", type=int, default=50_000)
    asked.add_argument("--seconds", type=float, default=4)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="qorgan-bench-") as folder, LocalServers(Path(folder)) as servers:
        os.environ |= servers.environment() | {"QORGAN_PASSWORD_TIME_COST": "1"}
        settings.cache_clear()
        migrations.main(is_test=True)
        policy.load()
        asyncio.run(_bench(given, servers.database_url))


async def _bench(given: argparse.Namespace, database: str) -> None:
    began = time.perf_counter()
    made = await world.made(database, schools=given.schools, incidents=given.incidents, readers=_READERS)
    print(f"{given.schools} schools, {given.incidents} incidents, made in {time.perf_counter() - began:.0f} s")
    with psycopg.connect(database) as admin:
        size = admin.execute("select pg_size_pretty(pg_database_size(current_database()))").fetchone()
    print(f"database {size[0] if size else '?'}")
    limit_port, our_port = free_port(), free_port()
    address = f"http://127.0.0.1:{our_port}"
    limit = _start([sys.executable, "-m", "bench.limit", str(limit_port)], {})
    ours = _start(
        [sys.executable, "-m", "src.platform.cli", "web"], {"QORGAN_PORT": str(our_port), "QORGAN_PUBLIC_URL": address}
    )
    try:
        for port in (limit_port, our_port):
            await _ready(f"http://127.0.0.1:{port}")
        lines = await _lines(made, address)
        print(f"\n{'':<28}{'conn':>5}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'limit':>8}{'ratio':>8}{'bytes':>9}")
        for line in lines:
            for connections in (8, 32):
                bare = (
                    await load.run(limit_port, limit.pid, line.limit, connections=connections, seconds=given.seconds)
                    if line.limit
                    else None
                )
                _print(
                    line,
                    connections,
                    await load.run(our_port, ours.pid, line.ours, connections=connections, seconds=given.seconds),
                    bare,
                )
        print(f"\nmemory of the server process: {psutil.Process(ours.pid).memory_info().rss >> 20} MB")
    finally:
        for process in (limit, ours):
            process.terminate()
            process.wait()


def _print(line: Line, connections: int, ours: Figures, bare: Figures | None) -> None:
    ratio = f"{bare.cpu / ours.cpu:>8.2f}" if bare else f"{'':>8}"
    limit = f"{bare.cpu:>8.2f}" if bare else f"{'':>8}"
    print(
        f"{line.name:<28}{connections:>5}{ours.p50:>9.1f}{ours.p99:>9.1f}{ours.cpu:>9.2f}{limit}{ratio}{ours.size:>9}"
    )


async def _lines(made: world.World, address: str) -> list[Line]:
    signed = [await _signed_in(address, one) for one in made.readers]
    city = [await _signed_in(address, made.region.asel)]
    report = load.as_json(description="Дәлізде итерді", harmed="no", harm_danger="no")
    typed = (("Content-Type", "application/json"), ("Origin", address), ("Sec-Fetch-Site", "same-origin"))
    bare_list = [Request("GET", f"/incidents/{one.tenant_id}") for one in made.readers]
    bare_report = [Request("POST", f"/report/{one.tenant_id}", typed, report, 303) for one in made.readers]
    return [
        Line(
            "incident list, codes, JSON",
            [Request("GET", "/incidents", one[:1] + _PLAIN) for one in signed],
            bare_list,
            0.9,
        ),
        Line("incident list, page", [Request("GET", "/incidents", one[:1] + _AS_BROWSER) for one in signed], bare_list),
        Line("report", [Request("POST", "/report", one + typed, report, 303) for one in signed], bare_report, 0.5),
        Line("home page", [Request("GET", "/", one[:1] + _AS_BROWSER) for one in signed], []),
        Line("city page", [Request("GET", "/city", one[:1] + _AS_BROWSER) for one in city], []),
    ]


async def _signed_in(address: str, person: Person) -> tuple[tuple[str, str], ...]:
    """The headers of a session: its cookie and its token."""
    async with httpx.AsyncClient(base_url=address, headers={"Origin": address}) as client:
        answer = await client.post("/sign-in", json={"sign_in": person.sign_in, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["set-cookie"].partition(";")[0]
        client.headers["Cookie"] = cookie
        return ("Cookie", cookie), ("X-CSRF-Token", await csrf_of(client))


def _start(command: list[str], more: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=os.environ | more, stdout=subprocess.DEVNULL)


async def _ready(address: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(200):
            try:
                if (await client.get(f"{address}/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise TimeoutError(address)


if __name__ == "__main__":
    main()
