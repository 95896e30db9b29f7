"""A transaction begins and ends in one journey each (ADR 48), and what fails or is broken off there leaves nothing."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest

from src.platform.db import closing, prepared
from src.platform.db.closing import Kind
from src.platform.db.prepared import Compiled
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.outbox import service as outbox
from tests.db.test_closing import fresh, leave, left
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import as_person, inside
from tests.support.people import Region

_DIVIDED = "select (number ->> 'no')::int / 0 from jsonb_to_recordset(:broken) as n (number jsonb)"
_BROKEN = Kind("broken", _DIVIDED, answers=True)


@pytest.fixture
def journeys(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A mark for every time that somebody waits for the database."""
    made = list[int]()
    wait = psycopg.AsyncConnection.wait

    async def counted(connection: Any, *asked: Any, **more: Any) -> Any:
        made.append(connection.pgconn.backend_pid)
        return await wait(connection, *asked, **more)

    monkeypatch.setattr(psycopg.AsyncConnection, "wait", counted)
    return made


async def test_a_list_takes_three_journeys_and_a_page_without_an_audit_row_as_many(
    browser: Browser, region: Region, journeys: list[int]
) -> None:
    aigerim = await browser(region.aigerim)
    for _ in range(2):  # the first one may make a connection
        journeys.clear()
        assert (await aigerim.get("/incidents")).status_code == 200
    assert len(journeys) == 3
    async with as_person(region.aigerim) as work:
        journeys.clear()
        assert await prepared.row(work.session, Compiled(b"select 1", (), {}), {}) == (1,)
    assert len(journeys) == 2


async def test_last_words_that_fail_commit_nothing(region: Region, database: str) -> None:
    number = fresh()
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with as_person(region.daulet) as work:
            await leave(work, number)
            await closing.leave(work.session, _BROKEN, {"number": {"no": 1}})
    assert left(database, number) == [0, 0, 0]
    async with as_person(region.daulet) as work:
        await leave(work, number)
    assert left(database, number) == [1, 1, 1]


async def test_a_transaction_that_failed_says_so_when_it_is_to_be_committed(region: Region) -> None:
    """PostgreSQL answers such a COMMIT with ROLLBACK and calls it no error: somebody would believe it was kept."""
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        async with as_person(region.daulet) as work:
            with pytest.raises(psycopg.errors.DivisionByZero):
                await prepared.row(work.session, Compiled(b"select 1 / 0", (), {}), {})
    async with as_person(region.daulet) as work:
        assert await prepared.row(work.session, Compiled(b"select 1", (), {}), {}) == (1,)


async def test_plans_are_made_anew_after_a_rollback_however_the_next_transaction_opens(
    region: Region, database: str
) -> None:
    """The driver has the database forget every plan; the one of the last words may be older than that of the first."""
    number = fresh()
    async with as_person(region.daulet) as work:
        await leave(work, number)
    async with inside(region.organisations["school12"]) as work:
        await outbox.emit(work, "trial.job", {"tried": number})
    with pytest.raises(LookupError):
        async with as_person(region.daulet) as work:
            await prepared.row(work.session, Compiled(b"select 1", (), {}), {})
            raise LookupError
    async with inside(region.organisations["school12"]) as work:
        await outbox.emit(work, "trial.job", {"tried": number})
    async with inside(region.organisations["umit"]) as work:
        inner = await work.session.begin_nested()
        await outbox.emit(work, "trial.job", {"tried": number})
        await inner.rollback()
        await outbox.emit(work, "trial.job", {"tried": number})
    assert left(database, number) == [4, 1, 1]


async def test_strangers_leave_no_plan_behind_at_each_refusal(region: Region) -> None:
    """Whoever is refused at once has the driver make no plan of its own, so it has the database forget none."""
    for _ in range(20):
        with pytest.raises(LookupError):
            async with inside(region.organisations["school12"]):
                raise LookupError
    assert set(await plans_of_refused(region)) == {1}


@pytest.mark.parametrize("held", ["platform_state", "outbox"], ids=["while it begins", "while it ends"])
async def test_what_is_broken_off_while_it_waits_leaves_nothing_and_a_connection_that_serves(
    region: Region, database: str, held: str
) -> None:
    number = fresh()

    async def work_on() -> None:
        async with inside(region.organisations["school12"]) as work:
            await outbox.emit(work, "trial.job", {"tried": number})

    await work_on()
    with psycopg.connect(database) as somebody:
        somebody.execute(f"lock table {held}")
        task = asyncio.create_task(work_on())
        await until(lambda: rows(database, "select from pg_locks where not granted") != [])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    for _ in range(3):
        await work_on()
    assert left(database, number) == [4, 0, 0]


async def test_s_4_whoever_is_broken_off_at_any_moment_leaves_nobody_a_wrong_answer(
    region: Region, database: str
) -> None:
    """More work than connections, of three organisations, half of it broken off somewhere; the rest is kept whole."""
    chance, turns = random.Random(6), iter(range(1_200))  # noqa: S311  # nothing secret
    named, kept, refused = [new_id() for _ in range(1_200)], list[UUID](), list[UUID]()

    async def work_on(number: int) -> None:
        async with inside(region.organisations[chance.choice(("school12", "umit", "city"))]) as work:
            statement = Compiled(b"select $1::int", ("number",), {})
            assert await prepared.row(work.session, statement, {"number": number}) == (number,)
            await outbox.emit(work, "trial.job", {"tried": named[number]})  # refused with another one's context
            if chance.random() < 0.2:
                raise LookupError

    async def in_turns() -> None:
        for number in turns:
            task = asyncio.create_task(work_on(number))
            if chance.random() < 0.5:
                for _ in range(chance.randrange(40)):
                    await asyncio.sleep(chance.choice((0, 0.001)))
                task.cancel()
            with suppress(asyncio.CancelledError):
                try:
                    await task
                    kept.append(named[number])
                except LookupError:
                    refused.append(named[number])

    await asyncio.gather(*(in_turns() for _ in range(24)))
    count = "select count(*) from outbox where args ->> 'tried' = any(%s::text[])"
    assert (rows(database, count, kept), rows(database, count, refused)) == ([(len(kept),)], [(0,)])
    assert 1_200 - len(kept) - len(refused) > 40  # were broken off before they were done
    open_still = "select from pg_stat_activity where datname = current_database() and starts_with(state, 'idle in')"
    await until(lambda: rows(database, open_still) == [])
    assert set(await plans_of_refused(region)) == {1}


async def plans_of_refused(region: Region) -> list[int]:
    """How many plans every connection of the pool has when it opens a transaction after a refusal."""
    query, counts = Compiled(b"select count(*) from pg_prepared_statements where name like 'qorgan%'", (), {}), []
    with suppress(LookupError):
        async with AsyncExitStack() as refused:
            for _ in range(settings().pool_size):
                await refused.enter_async_context(inside(region.organisations["school12"]))
            raise LookupError
    async with AsyncExitStack() as all_at_once:
        for _ in range(settings().pool_size):
            work = await all_at_once.enter_async_context(inside(region.organisations["school12"]))
            counts += await prepared.row(work.session, query, {})
    return counts


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.02)
