"""Worker, relay, Valkey and PostgreSQL are killed at random under load: what was acknowledged is there, once.

`make queue` plays 300 jobs, `make long` (part of `make full`) 1,000.
"""

import asyncio
import itertools
import logging
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from src.platform.db import engine
from src.platform.migrations import run
from src.platform.outbox.relay import LEASE_SECONDS
from src.platform.vault import service as vault
from tests.support.fire import Burning, Nemesis, burning, until_quiet
from tests.support.http import PRINTED, Browser, Client
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region, found_region
from tests.support.processes import Processes

TEAM = 3
JOBS_OF_A_REPORT = 1 + TEAM  # the team is told, and each message has its e-mail
PLANS = {
    300: {"worker#1": 5, "worker#2": 5, "relay": 3, "valkey": 3, "flush": 3, "postgres": 3},
    1000: {"worker#1": 50, "worker#2": 50, "relay": 10, "valkey": 10, "flush": 10, "postgres": 10},
}


@pytest.fixture(scope="module")
def servers_on_fire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Burning]:
    with burning(tmp_path_factory.mktemp("fire")) as servers:
        yield servers


@pytest.fixture(scope="module")
async def database(servers_on_fire: Burning) -> AsyncIterator[str]:
    await engine.dispose()
    run.main(is_test=True)
    yield servers_on_fire.url
    await engine.dispose()


@pytest.fixture(scope="module")
async def region(database: str) -> Region:
    PRINTED.clear()
    return await found_region(database)


@pytest.fixture
def hushed() -> Iterator[None]:
    """What this process says of a lost database is not what is looked at, and its colours cost more than its work."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def processes(region: Region, tmp_path: Path) -> Iterator[Processes]:
    running = Processes(tmp_path)
    running.start("worker#1", "worker#2", "relay")
    yield running
    running.stop()


async def reporting(
    client: Client, numbers: "itertools.count[int]", wanted: int, fire: "asyncio.Task[None]"
) -> set[str]:
    """Report until enough is acknowledged and the fire is out; the texts that were acknowledged."""
    acknowledged: set[str] = set()
    while len(acknowledged) < wanted or not fire.done():
        text = f"оқиға {next(numbers)}"
        try:
            answer = await client.act("/report", {"description": text, "harmed": "no", "harm_danger": "no"})
        except httpx.HTTPError:
            continue
        if answer.status_code == 303:
            acknowledged.add(text)
        ahead = not fire.done() and len(acknowledged) >= wanted
        await asyncio.sleep(0.5 if ahead or answer.status_code != 303 else 0.05)
    return acknowledged


async def stored(region: Region) -> list[str]:
    """The texts of all reports, opened."""
    async with inside(region.organisations["school12"]) as work:
        connection = await work.session.connection()
        found = (await connection.exec_driver_sql("select id, description from report")).all()
        return [await vault.open_text(work, sealed, "report.description", report) for report, sealed in found]


@pytest.mark.usefixtures("hushed")
@pytest.mark.parametrize(
    "jobs",
    [pytest.param(300, marks=pytest.mark.processes), pytest.param(1000, marks=pytest.mark.long)],
)
async def test_s_38_s_43_s_44_s_45_s_46_s_54_nothing_acknowledged_is_lost_and_no_effect_is_doubled(
    region: Region,
    browser: Browser,
    database: str,
    servers_on_fire: Burning,
    processes: Processes,
    jobs: int,
    record_property: Callable[[str, object], None],
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    marat, numbers = await browser(region.marat), itertools.count()
    nemesis = Nemesis(servers_on_fire, processes, seed)
    fire = asyncio.create_task(nemesis.rage(PLANS[jobs]))
    before = len(await stored(region))
    told = await asyncio.gather(*(reporting(marat, numbers, jobs // JOBS_OF_A_REPORT // 3 + 1, fire) for _ in range(3)))
    await fire
    processes.revive()
    took = await until_quiet(database, patience=2 * LEASE_SECONDS)
    acknowledged = frozenset[str]().union(*told)
    kept = await stored(region)
    print(f"seed {seed}: {len(acknowledged)} acknowledged, {len(kept) - before} stored, quiet after {took:.1f} s")  # noqa: T201
    record_property("figure", f"{len(acknowledged)} acknowledged, {len(acknowledged - set(kept))} lost, {took:.0f} s")
    assert acknowledged <= set(kept), seed
    assert took <= 2 * LEASE_SECONDS, seed  # the lease of a killed worker, and at most as long again (S-45)
    assert rows(database, "select actor, failure from outbox where done_at is null") == [], seed
    done = rows(database, "select count(*) from outbox where done_at is not null")[0][0]
    assert done >= jobs
    doubled = "select subject_id from notification where kind = 'incident_reported' group by subject_id, membership_id having count(*) > 1"
    assert rows(database, doubled) == [], seed
    heard = "select count(n.id) from incident i left join notification n on n.subject_id = i.id and n.kind = 'incident_reported' group by i.id"
    assert {row[0] for row in rows(database, heard)} == {TEAM}, seed
    calls = "select count(*) from outbox where actor = 'incidents.tell_team' group by args having count(*) <> 1"
    assert rows(database, calls) == [], seed
    unaudited = (
        "select id from report r where not exists (select from audit_log a where r.incident_id = any(a.record_ids))"
    )
    assert rows(database, unaudited) == [], seed
    checked = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "src.platform.cli", "audit", "verify"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "оқиға" not in processes.text()
