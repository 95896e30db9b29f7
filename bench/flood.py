"""What a flood on one school costs another: its pages alone, and while eighty connections ask for the first one's.

    python -m bench.flood [--seconds 15] [--without]

Half of the flood is one person's session, half comes to the public address. The 95th percentile of the other schools'
pages may rise by a fifth (exit 1 above that); `--without` shows the same without lines (`web.line`, ADR 41).
"""

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from bench import world
from bench.__main__ import ready, signed_in, start
from src.platform.access import policy
from src.platform.cli.local.ports import free_port
from src.platform.cli.local.servers import LocalServers
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations
from tests.support.people import Person, hire
from tests.support.shares import NO_LINES

_MOST = 1.20
_SCHOOLS, _CONNECTIONS, _TURNS, _BURST = 7, 40, 3, 4.0
_EVERY = 0.6
"""Seconds between two pages of a person: below what the line of a person lets through at once."""
_HTML = {"Accept": "text/html"}


def main() -> None:
    """Print both; exit 1 where the flood costs more than a fifth."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=15)
    asked.add_argument("--without", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="qorgan-flood-") as folder, LocalServers(Path(folder)) as servers:
        os.environ |= servers.environment() | {"QORGAN_PASSWORD_TIME_COST": "1"} | (NO_LINES if given.without else {})
        settings.cache_clear()
        migrations.main(is_test=True)
        policy.load()
        ratio = asyncio.run(_flooded(servers.database_url, given.seconds))
    sys.exit(0 if ratio <= _MOST or given.without else 1)


async def _flooded(database: str, seconds: float) -> float:
    made = await world.made(database, schools=_SCHOOLS, incidents=_SCHOOLS * 250, readers=_SCHOOLS)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    web = start(
        [sys.executable, "-m", "src.platform.cli", "web"], {"QORGAN_PORT": str(port), "QORGAN_PUBLIC_URL": address}
    )
    try:
        await ready(address)
        await _open_address(address, made.readers[0])
        flooded, *others = [dict((await signed_in(address, one))[:1]) for one in made.readers]
        alone: list[float] = []
        beside: list[float] = []
        met: Counter[int] = Counter()
        for _ in range(_TURNS):
            alone += await _pages(address, others, seconds / _TURNS)
            async with _flood(address, flooded, met):
                await asyncio.sleep(_BURST)  # what a line lets through at once is gone
                beside += await _pages(address, others, seconds / _TURNS)
    finally:
        web.terminate()
        web.wait()
    ratio = _p95(beside) / _p95(alone)
    print(f"{'':<16}{'pages':>7}{'p50 ms':>9}{'p95 ms':>9}")
    for name, took in (("alone", alone), ("beside a flood", beside)):
        print(f"{name:<16}{len(took):>7}{statistics.median(took):>9.1f}{_p95(took):>9.1f}")
    print(f"p95 x{ratio:.2f} (at most {_MOST}); the flood met {dict(met)}")
    return ratio


async def _open_address(address: str, contact: Person) -> None:
    """The director opens the public address of the first school."""
    director = await hire("daulet", contact.tenant_id, ("school_director",))
    headers = {"Origin": address} | dict(await signed_in(address, director))
    body = {"contact": str(contact.membership_id), "reach": "112-кабинет", "is_on": "on"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        answer = await client.post("/door", json=body)
        assert answer.status_code == 303, answer.text


async def _pages(address: str, people: list[dict[str, str]], seconds: float) -> list[float]:
    """Milliseconds of the pages of people who read, each at their own pace."""
    took: list[float] = []

    async def read(headers: dict[str, str], late: float) -> None:
        await asyncio.sleep(late)
        async with httpx.AsyncClient(base_url=address, headers=headers | _HTML) as client:
            await client.get("/incidents")  # opens the connection
            end = time.perf_counter() + seconds
            while (began := time.perf_counter()) < end:
                answer = await client.get("/incidents")
                took.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, answer.text
                await asyncio.sleep(_EVERY)

    await asyncio.gather(*(read(one, _EVERY * n / len(people)) for n, one in enumerate(people)))
    return took


@asynccontextmanager
async def _flood(address: str, person: dict[str, str], met: Counter[int]) -> AsyncIterator[None]:
    """As many requests as the service takes, by a person of one school and at its public address."""

    async def ask(headers: dict[str, str], paths: tuple[str, ...]) -> None:
        async with httpx.AsyncClient(base_url=address, headers=headers | _HTML, timeout=60) as client:
            for path in itertools.cycle(paths):
                with suppress(httpx.TransportError):
                    met[(await client.get(path)).status_code] += 1

    asks = [
        asyncio.create_task(ask(*one))
        for one in [(person, ("/incidents", "/", "/messages")), ({}, ("/s/bench0", "/s/bench0/report"))] * _CONNECTIONS
    ]
    try:
        yield
    finally:
        for one in asks:
            one.cancel()
        await asyncio.gather(*asks, return_exceptions=True)


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


if __name__ == "__main__":
    main()
