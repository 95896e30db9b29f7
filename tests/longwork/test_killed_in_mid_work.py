"""A worker is killed in the middle of a step: the work goes on exactly where it was, and nothing is doubled."""

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.families import child, class_of
from tests.support.http import Browser
from tests.support.incidents import reported, rows
from tests.support.longwork import step
from tests.support.people import Region
from tests.support.processes import PATIENCE, Processes, quiet

pytestmark = pytest.mark.processes
_WAITS = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
_PARTS = "select count(*), count(distinct number) from long_work_part where work_id = %s"
_STEPS = (
    "select count(*), max(attempts) from outbox"
    " where actor = 'longwork.step' and args ->> 'work' = %s and done_at is not null"
)
_KEY = "hashtextextended('members|' || %s, 0)"


@pytest.fixture
def processes(region: Region, tmp_path: Path) -> Iterator[Processes]:
    running = Processes(tmp_path)
    yield running
    running.stop()


def until(admin: psycopg.Connection[tuple[int]], wanted: int) -> None:
    """Wait until so many sessions stand before the lock that we hold."""
    deadline = time.monotonic() + PATIENCE
    while admin.execute(_WAITS).fetchone() != (wanted,):
        assert time.monotonic() < deadline
        time.sleep(0.1)


async def test_s_45_a_worker_killed_in_a_step_leaves_nothing_of_it_and_the_next_one_goes_on(
    browser: Browser, region: Region, database: str, processes: Processes
) -> None:
    for number, label in enumerate(("3А", "4А", "5А")):
        await class_of(browser, region, database, label, child(800 + number, label))
    daulet = await browser(region.daulet)
    work = (await daulet.act("/class-papers/all")).headers["location"]
    await step(database)
    school = str(region.organisations["school12"])
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(f"select pg_advisory_lock({_KEY})", (school,))
        processes.start("worker", "relay")
        until(admin, 1)  # the worker stands in the middle of the second step
        assert (await daulet.get(work)).json()["done"] == 1
        processes.kill("worker")
        admin.execute(f"select pg_advisory_unlock({_KEY})", (school,))
    processes.start("worker")
    quiet(database)
    view = (await daulet.get(work)).json()
    assert (view["state"], view["done"]) == ("done", 3), processes.text()
    given = "select record_ids[1], count(*) from audit_log where action = 'family_account.given' group by 1"
    assert sorted(number for _class, number in rows(database, given)) == [1, 1, 1]
    assert rows(database, _PARTS, work.rpartition("/")[2]) == [(3, 3)]
    people = "select count(*), count(distinct person_id) from membership m join enrolment e using (person_id)"
    assert rows(database, people) == [(3, 3)]
    assert rows(database, _STEPS, work.rpartition("/")[2]) == [(3, 2)], "one call was made twice, and had one effect"


async def test_s_45_a_worker_killed_at_a_paper_makes_it_once_and_the_others_too(
    browser: Browser, region: Region, database: str, processes: Processes
) -> None:
    ids = [await reported(browser, region, description=f"Оқиға {one}") for one in ("а", "ә", "б")][::-1]
    saule = await browser(region.saule)
    work = (await saule.act("/incidents/papers", {"language": "kk"})).headers["location"]
    await step(database)
    with psycopg.connect(database) as admin:
        admin.execute("lock table incident in access exclusive mode")
        processes.start("worker", "relay")
        until_held(database)  # the worker reads the incident of the second paper, or would
        processes.kill("worker")
        admin.rollback()
    processes.start("worker")
    quiet(database)
    view = (await saule.get(work)).json()
    assert (view["state"], view["done"]) == ("done", 3), processes.text()
    printed = "select record_ids[1]::text from audit_log where action = 'incident.printed' order by seq"
    assert [one for (one,) in rows(database, printed)] == ids, "one row for each, in the order of the list"
    assert rows(database, _PARTS, work.rpartition("/")[2]) == [(3, 3)]
    with zipfile.ZipFile(io.BytesIO((await saule.act(f"{work}/files")).content)) as archive:
        assert len(archive.namelist()) == 3


def until_held(database: str) -> None:
    """Wait until a session stands before the table that we hold."""
    waits = "select count(*) > 0 from pg_locks where relation = 'incident'::regclass and not granted"
    deadline = time.monotonic() + PATIENCE
    while rows(database, waits) != [(True,)]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
