"""Whether a list and a report cost the same when the region grows: more tenants, then ten years in one school.

    python -m bench.flat [--tenants 200 10000] [--years 1 10]

One school is read by one connection, so that the median is the time of one request and not of a queue.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench import world
from src.platform.access import policy
from src.platform.cli.local.servers import LocalServers
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations
from tests.support.http import HTML, Client, browser_for
from tests.support.shares import NO_LINES

_A_YEAR = 500
_TIMES = 150
_FULL = 250
"""So many reports first: the home page has as many clocks as it ever shows, and measuring adds none."""
_MOST = 1.10
_PATHS = ("/incidents", "/")
_REPORT = {"description": "Дәлізде итерді", "harmed": "no", "harm_danger": "no"}
Medians = dict[str, float]


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
    made = await world.made(database, schools=few, incidents=few * _A_YEAR // 5, readers=1)
    reader = made.readers[0]
    await world.more(database, reader.tenant_id, _A_YEAR * given.years[0])
    async with browser_for() as browser:
        client = await browser(reader)
        for _ in range(_FULL):
            await _once(client, "")
        before = await _medians(client)
        await world.more_schools(database, many - few)
        with_tenants = await _medians(client)
        await world.more(database, reader.tenant_id, _A_YEAR * (given.years[1] - given.years[0]))
        with_years = await _medians(client)
    print(f"{'':<20}{'start':>9}{f'{many} tenants':>18}{f'{given.years[1]} years':>14}   ms at the median")
    for name, start in before.items():
        wide, long = with_tenants[name] / start, with_years[name] / with_tenants[name]
        print(f"{name:<20}{start:>9.2f}{with_tenants[name]:>11.2f} x{wide:.2f}{with_years[name]:>8.2f} x{long:.2f}")
    grew = [n for n in before if max(with_tenants[n] / before[n], with_years[n] / with_tenants[n]) > _MOST]
    return 1 if grew else 0


async def _medians(client: Client) -> Medians:
    found = {f"GET {path}": await _median(client, path) for path in _PATHS}
    return found | {"POST /report": await _median(client, "")}


async def _median(client: Client, path: str) -> float:
    """The least of three medians: what other work on the machine adds is left out."""
    return min([statistics.median([await _once(client, path) for _ in range(_TIMES // 3)]) for _ in range(3)])


async def _once(client: Client, path: str) -> float:
    began = time.perf_counter()
    answer = await client.get(path, headers=HTML) if path else await client.act("/report", _REPORT)
    assert answer.status_code in (200, 303), answer.text
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
