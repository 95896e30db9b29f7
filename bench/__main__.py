"""One run: the region is made, both servers are started, each page is asked beside its limit, a table is printed.

    python -m bench [--schools 200] [--incidents 50000] [--seconds 4] [--keep] [--gate]

A ratio is the limit's CPU time a request divided by ours: 1.0 costs nothing beside the bare statements; `+audit` is the
same where the limit leaves the row that tells who did it, as ours always does, but for its chain. `--keep`
writes the results down under the commit that stands, `--gate` asks only what holds a ratio and
fails where one fell below it.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import psutil
import psycopg

from bench import cores, inside, load, results, world
from bench.inside import Inside
from bench.load import Figures, Request
from bench.results import Result
from src.platform.access import policy
from src.platform.cli.local.ports import free_port
from src.platform.cli.local.servers import LocalServers
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations
from tests.support.http import browser_for, csrf_of
from tests.support.people import PASSWORD, Person
from tests.support.shares import NO_LINES

_PLAIN, _AS_BROWSER = (("Accept", "application/json"),), (("Accept", "text/html"),)
_READERS = 20


@dataclass(frozen=True)
class Line:
    """A row of the table: what is asked of us, beside what limit, the ratio to reach, and the one that is held.

    `audited`: the limit once more, with the row that tells who saw or reported it, which ours leaves.
    """

    name: str
    ours: list[Request]
    limit: list[Request]
    reach: float | None = None
    held: float | None = None
    audited: list[Request] = field(default_factory=list)


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--schools", type=int, default=200)
    asked.add_argument("--incidents", type=int, default=50_000)
    asked.add_argument("--seconds", type=float, default=4)
    asked.add_argument("--only", default="", help="lines whose name holds this")
    asked.add_argument("--keep", action="store_true", help="write the results down, and draw them over time")
    asked.add_argument("--gate", action="store_true", help="fail where a ratio is below the one that is held")
    given = asked.parse_args()
    cores.leave_one()
    with tempfile.TemporaryDirectory(prefix="qorgan-bench-") as folder, LocalServers(Path(folder)) as servers:
        os.environ |= servers.environment() | NO_LINES | {"QORGAN_PASSWORD_TIME_COST": "1"}
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
    limit = start([sys.executable, "-m", "bench.limit", str(limit_port)], {})
    ours = start(
        [sys.executable, "-m", "src.platform.cli", "web"], {"QORGAN_PORT": str(our_port), "QORGAN_PUBLIC_URL": address}
    )
    for server in (limit, ours):
        cores.give_it_to(server.pid)
    try:
        for port in (limit_port, our_port):
            await ready(f"http://127.0.0.1:{port}")
        found = await _measured(given, made, address, (limit_port, limit.pid), (our_port, ours.pid))
    finally:
        for process in (limit, ours):
            process.terminate()
            process.wait()
    if given.keep:
        results.keep(f"{given.schools} schools, {given.incidents} incidents", [one for _, one in found])
    if given.gate and (below := _below(found)):
        sys.exit("\n".join(["", *below]))


async def _measured(
    given: argparse.Namespace, made: world.World, address: str, limit: tuple[int, int], ours: tuple[int, int]
) -> list[tuple[Line, Result]]:
    print(
        f"\n{'':<28}{'conn':>5}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'limit':>8}{'ratio':>8}{'+audit':>8}"
        f"{'by rate':>8}{'reach':>7}{'SQL':>5}{'policy':>8}{'MB':>6}{'bytes':>9}"
    )
    found = []
    async with browser_for() as browser:
        for line in (one for one in await _lines(made, address) if _is_asked(given, one)):
            reader = made.region.asel if "city" in line.name else made.readers[0]
            seen = await inside.look(await browser(reader), line.ours[0])
            for connections in (8,) if given.gate else (8, 32):
                sides = [(*ours, line.ours), *((*limit, one) for one in (line.limit, line.audited) if one)]
                mine, *bare = await load.in_turns(*sides, connections=connections, seconds=given.seconds)
                memory = psutil.Process(ours[1]).memory_info().rss >> 20
                found.append((line, _printed(line, connections, mine, bare, seen, memory)))
    return found


def _is_asked(given: argparse.Namespace, line: Line) -> bool:
    return given.only in line.name and (line.held is not None or not given.gate)


def _printed(line: Line, connections: int, ours: Figures, bare: list[Figures], seen: Inside, memory: int) -> Result:
    ratio, audited = [*(one.cpu / ours.cpu for one in bare), None, None][:2]
    limit, rate = (f"{bare[0].cpu:.2f}", ours.rate / bare[0].rate) if bare else ("", None)
    print(
        f"{line.name:<28}{connections:>5}{ours.p50:>9.1f}{ours.p99:>9.1f}{ours.cpu:>9.2f}{limit:>8}"
        f"{f'{ratio:.2f}' if ratio else '':>8}{f'{audited:.2f}' if audited else '':>8}"
        f"{f'{rate:.2f}' if rate else '':>8}{line.reach or '':>7}{seen.statements:>5}{seen.policy:>8.1%}{memory:>6}"
        f"{ours.size:>9}"
    )
    return Result(
        line.name,
        connections,
        round(ours.p50, 1),
        round(ours.p99, 1),
        round(ours.cpu, 2),
        round(ratio, 3) if ratio else None,
        round(audited, 3) if audited else None,
        line.reach,
        seen.statements,
        round(seen.policy, 4),
        memory,
    )


def _below(found: list[tuple[Line, Result]]) -> list[str]:
    """What fell below the ratio that is held, at 8 connections, or asks the policy for more than a twentieth."""
    first = [(line, one) for line, one in found if one.connections == 8]
    said = [
        f"{line.name}: {one.ratio} of the limit, {line.held} is held"
        for line, one in first
        if line.held is not None and one.ratio is not None and one.ratio < line.held
    ]
    return said + [f"{line.name}: the policy takes {one.policy:.1%}" for line, one in first if one.policy > 0.05]


async def _lines(made: world.World, address: str) -> list[Line]:
    signed = [await signed_in(address, one) for one in made.readers]
    city = [await signed_in(address, made.region.asel)]
    report = load.as_json(description="Дәлізде итерді", harmed="no", harm_danger="no")
    typed = (("Content-Type", "application/json"), ("Origin", address), ("Sec-Fetch-Site", "same-origin"))
    bare_list = [Request("GET", f"/incidents/{one.tenant_id}") for one in made.readers]
    bare_report = [Request("POST", f"/report/{one.tenant_id}", typed, report, 303) for one in made.readers]
    bare_names = [Request("GET", f"/named/{one.tenant_id}") for one in made.readers]
    audited, named_audited, report_audited = (
        [replace(one, path=f"{one.path}/audited") for one in of] for of in (bare_list, bare_names, bare_report)
    )
    codes = [Request("GET", "/incidents", one[:1] + _PLAIN) for one in signed]
    names = [Request("POST", "/incidents/names", one + typed + _PLAIN, b"{}") for one in signed]
    reports = [Request("POST", "/report", one + typed, report, 303) for one in signed]
    return [
        Line("incident list, codes", codes, bare_list, 0.9, 0.8, audited),
        Line("incident list, names", names, bare_names, 0.7, 0.6, named_audited),
        Line("incident list, page", [Request("GET", "/incidents", one[:1] + _AS_BROWSER) for one in signed], bare_list),
        Line("report", reports, bare_report, 0.5, 0.42, report_audited),
        Line("home page", [Request("GET", "/", one[:1] + _AS_BROWSER) for one in signed], []),
        Line("city page", [Request("GET", "/city", one[:1] + _AS_BROWSER) for one in city], []),
    ]


async def signed_in(address: str, person: Person) -> tuple[tuple[str, str], ...]:
    """The headers of a session: its cookie and its token."""
    async with httpx.AsyncClient(base_url=address, headers={"Origin": address}) as client:
        answer = await client.post("/sign-in", json={"sign_in": person.sign_in, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["set-cookie"].partition(";")[0]
        client.headers["Cookie"] = cookie
        return ("Cookie", cookie), ("X-CSRF-Token", await csrf_of(client))


def start(command: list[str], more: dict[str, str]) -> subprocess.Popen[bytes]:
    """A server with our settings and more of its own."""
    return subprocess.Popen(command, env=os.environ | more, stdout=subprocess.DEVNULL)


async def ready(address: str) -> None:
    """Wait for a server. Raises TimeoutError."""
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
