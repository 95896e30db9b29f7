"""What was written at the driver is kept or taken back, however far SQLAlchemy has come in the same transaction."""

from asyncio import gather
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.util import greenlet_spawn

from src.platform.accounts.models import User
from src.platform.db import session as db_session
from src.platform.db.unit import Unit
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region

_KILL = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
    "where datname = current_database() and application_name = 'qorgan_app'"
)


async def written(unit: Unit) -> UUID:
    """A row at the driver, and a session of SQLAlchemy that has begun and asked nothing."""
    made = await outbox.emit(unit, "incidents.tell_team", {"incident": new_id()})
    someone = User()
    unit.session.add(someone)
    unit.session.expunge(someone)
    assert unit.session.sync_session.in_transaction()
    return made


async def test_a_commit_keeps_it(region: Region, database: str) -> None:
    async with inside(region.organisations["school12"]) as work:
        made = await written(work)
    assert rows(database, "select count(*) from outbox where id = %s", made) == [(1,)]


async def test_an_error_takes_it_back_and_the_session_begins_anew(region: Region, database: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with inside(region.organisations["school12"]) as work:
            made = await written(work)
            raise ZeroDivisionError
    assert rows(database, "select count(*) from outbox where id = %s", made) == [(0,)]

    async with inside(region.organisations["school12"]) as work:
        lost = await written(work)
        await work.session.rollback()
        await db_session.begin(work.session)
        kept = await written(work)
    assert rows(database, "select id from outbox where id = any(%s)", [lost, kept]) == [(kept,)]


async def test_connections_that_died_in_the_pool_cost_nobody_an_error(
    browser: Browser, region: Region, database: str
) -> None:
    """A restarted database or an idle line that was cut: whoever comes next gets a new connection, and an answer."""
    saule = await browser(region.saule)
    for times in (1, 4):
        assert {one.status_code for one in await gather(*(saule.get("/incidents") for _ in range(4)))} == {200}
        for _ in range(times):
            killed = rows(database, _KILL)
            assert killed == [(True,)] * len(killed) != []
            assert (await saule.get("/incidents")).status_code == 200


async def test_a_connection_that_was_thrown_away_is_opened_anew_by_the_next_transactions(region: Region) -> None:
    """Its place lies in the pool like any other, and has to be opened by somebody who can wait for it."""
    async with inside(region.organisations["school12"]) as work:
        held, thrown = work.session.sync_session.held, await _pid(work)
        assert held is not None
        await work.session.commit()
        await greenlet_spawn(held.invalidate)
    for _ in range(3):
        async with inside(region.organisations["school12"]) as work:
            assert await _pid(work) != thrown


async def test_s_6_a_session_whose_connection_was_thrown_away_never_speaks_in_its_place(region: Region) -> None:
    """The place in the pool is another's by then, with what is remembered of the connection."""
    async with inside(region.organisations["school12"]) as lost, AsyncExitStack() as others:
        held = lost.session.sync_session.held
        assert held is not None
        await lost.session.commit()
        await greenlet_spawn(held.invalidate)
        for _ in range(10):
            other = await others.enter_async_context(inside(region.organisations["umit"]))
            if other.session.sync_session.held is not None and other.session.sync_session.held.info is held.info:
                break
        else:
            pytest.fail("nobody took the place")
        await db_session.begin(lost.session)
        assert await _pid(lost) != await _pid(other)
        for work, place in ((other, "umit"), (lost, "school12")):
            said = await work.session.execute(text("select ctx_tenant()"))
            assert said.scalar_one() == region.organisations[place]


async def _pid(work: Unit) -> int:
    return int((await work.session.execute(text("select pg_backend_pid()"))).scalar_one())
