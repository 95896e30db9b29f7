"""Whether pages and a report cost the same when the region grows: more tenants, then ten years in one school.

    python -m bench.flat [--tenants 200 10000] [--years 1 10]

Three copies of the region stand beside each other, each with a server of its own, and are asked in turns by one
connection: what else the machine does meets all of them, and a median is the time of one request and not of a queue.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx
import psycopg

from bench import world
from bench.__main__ import ready, signed_in, start
from src.platform.access import policy
from src.platform.cli.local.ports import free_port
from src.platform.cli.local.servers import LocalServers
from src.platform.db.engine import dispose
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations
from tests.support.http import browser_for
from tests.support.people import Person
from tests.support.shares import NO_LINES

_A_YEAR = 500
_TIMES = 300
_FULL = 250
"""So many reports first: the home page has as many clocks as it ever shows, and measuring adds none."""
_MOST = 1.10
_CITY, _NEW = "/city", "/report"
_PAGES = ("/incidents", "/", _CITY, _NEW)
_REPORT = {"description": "Дәлізде итерді", "harmed": "no", "harm_danger": "no"}
Took = dict[tuple[str, str], list[float]]


def main() -> None:
    """Print the table; exit 1 where something grew by more than a tenth."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--tenants", type=int, nargs=2, default=(200, 10_000))
    asked.add_argument("--years", type=int, nargs=2, default=(1, 10))
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="qorgan-flat-") as folder, LocalServers(Path(folder)) as servers:
        os.environ |= servers.environment() | NO_LINES | {"QORGAN_PASSWORD_TIME_COST": "1"}
        settings.cache_clear()
        migrations.main(is_test=True)
        policy.load()
        sys.exit(asyncio.run(_grown(servers.database_url, given)))


async def _grown(database: str, given: argparse.Namespace) -> int:
    few, many = given.tenants
    few_years, many_years = given.years
    made = await world.made(database, schools=few, incidents=few * _A_YEAR // 5, readers=1)
    reader = made.readers[0]
    async with browser_for() as browser:
        client = await browser(reader)
        for _ in range(_FULL):
            assert (await client.act("/report", _REPORT)).status_code == 303
    await world.more(database, reader.tenant_id, _A_YEAR * few_years)
    copies = {"start": await _copy(database, "start")}
    await world.more_schools(database, many - few)
    copies[f"{many} tenants"] = await _copy(database, "tenants")
    await world.more(database, reader.tenant_id, _A_YEAR * (many_years - few_years))
    world.counted(database, made.schools, years=many_years)
    copies[f"{many_years} years"] = await _copy(database, "years")
    return _printed(list(copies), await _asked_in_turns(copies, reader, made.region.asel))


async def _copy(database: str, name: str) -> str:
    """The address of a copy of the region as it stands now."""
    await dispose()
    server, _, source = database.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"create database {name} template {source}")
    return f"{server}/{name}"


async def _asked_in_turns(copies: Mapping[str, str], reader: Person, city: Person) -> Took:
    took: Took = defaultdict(list)
    with ExitStack() as servers:
        async with AsyncExitStack() as connections:
            clients = {}
            for name, database in copies.items():
                address = await _server(servers, database)
                for person in (reader, city):
                    signed = await connections.enter_async_context(await _client(address, person))
                    clients[name, person.user_id] = signed
            for turn in range(_TIMES + _TIMES // 10):
                for name, page in itertools.product(copies, _PAGES):
                    person = city if page == _CITY else reader
                    spent = await _once(clients[name, person.user_id], page)
                    if turn >= _TIMES // 10:  # the first ones warm up
                        took[page, name].append(spent)
    return took


async def _server(servers: ExitStack, database: str) -> str:
    """The address of a server of that copy."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = {"QORGAN_DATABASE_URL": database, "QORGAN_PORT": str(port), "QORGAN_PUBLIC_URL": address}
    web = start([sys.executable, "-m", "src.platform.cli", "web"], own)
    servers.callback(web.wait)
    servers.callback(web.terminate)
    await ready(address)
    return address


async def _client(address: str, reader: Person) -> httpx.AsyncClient:
    """Somebody signed in there."""
    headers = {"Origin": address, "Accept": "text/html"} | dict(await signed_in(address, reader))
    return httpx.AsyncClient(base_url=address, headers=headers, timeout=30)


async def _once(client: httpx.AsyncClient, page: str) -> float:
    began = time.perf_counter()
    answer = await (client.post(page, json=_REPORT) if page == _NEW else client.get(page))
    spent = (time.perf_counter() - began) * 1000
    assert answer.status_code in (200, 303), answer.text
    return spent


def _printed(names: list[str], took: Took) -> int:
    """Each column against the one before it."""
    print(f"{'':<14}" + "".join(f"{name:>20}" for name in names) + "   ms at the median")
    grew = 0
    for page in _PAGES:
        medians = [statistics.median(took[page, name]) for name in names]
        ratios = [after / before for before, after in itertools.pairwise(medians)]
        grew += max(ratios) > _MOST
        shown = "".join(f"{one:>14.2f} x{ratio:.2f}" for one, ratio in zip(medians[1:], ratios, strict=True))
        print(f"{page:<14}{medians[0]:>20.2f}{shown}")
    return 1 if grew else 0


if __name__ == "__main__":
    main()
