"""The real queue: relay and worker as processes, Valkey flushed, the worker killed; the outbox row is the truth."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from src.platform.cli.local.servers import LocalServers
from src.platform.kit.settings import settings
from src.platform.worker.broker import make_broker
from tests.support.http import Browser
from tests.support.people import Region
from tests.support.processes import PATIENCE, Processes

pytestmark = pytest.mark.processes


@pytest.fixture
def processes(region: Region, tmp_path: Path) -> Iterator[Processes]:
    running = Processes(tmp_path)
    running.start("worker", "relay")
    yield running
    running.stop()


def count(database: str, query: str) -> int:
    with psycopg.connect(database) as admin:
        row = admin.execute(query).fetchone()  # type: ignore[call-overload]
    return int(row[0])


def wait_for(database: str, query: str, wanted: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while (seen := count(database, query)) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    return seen


OPEN = "select count(*) from outbox where done_at is null and actor = 'incidents.tell_team'"
TOLD = "select count(*) from notification where kind = 'incident_reported'"


async def test_s_43_a_flushed_queue_loses_nothing_and_doubles_nothing(
    processes: Processes, browser: Browser, region: Region, database: str, servers: LocalServers
) -> None:
    before = count(database, TOLD)
    marat = await browser(region.marat)
    for number in range(30):
        assert (await marat.act("/report", {"description": f"оқиға {number}"})).status_code == 303
        if number % 5 == 0:
            redis.Redis.from_url(servers.redis_url).flushall()
    assert wait_for(database, OPEN, 0) == 0
    assert count(database, TOLD) == before + 30 * 3  # the coordinator and two members
    assert region.marat.sign_in not in processes.text()
    assert '"mail_off"' in processes.text()  # a region without a mail server says so at start


async def test_s_45_a_killed_worker_loses_nothing_and_doubles_nothing(
    processes: Processes, browser: Browser, region: Region, database: str
) -> None:
    before = count(database, TOLD)
    marat = await browser(region.marat)
    for number in range(10):
        assert (await marat.act("/report", {"description": f"тағы {number}"})).status_code == 303
        if number % 4 == 1:
            processes.kill("worker")
            processes.start("worker")
    assert wait_for(database, OPEN, 0) == 0
    assert count(database, TOLD) == before + 10 * 3


def test_s_46_dramatiq_itself_never_retries(region: Region) -> None:
    broker = make_broker()
    names = {type(middleware).__name__ for middleware in broker.middleware}
    broker.close()
    assert "Retries" not in names
    assert (broker.heartbeat_timeout, settings().redis_url != "") == (30_000, True)
