"""Whoever goes on with a session after an error keeps nothing by half, and speaks for nobody else (S-3, S-4)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, cast
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import DivisionByZero, InFailedSqlTransaction, InsufficientPrivilege
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from src.platform.accounts.models import User
from src.platform.db import prepared, together
from src.platform.db import session as db_session
from src.platform.db.binding import Binding, Inside, Platform, PublicAddress
from src.platform.db.context import TenantContext
from src.platform.db.engine import sessions
from src.platform.db.prepared import Compiled
from src.platform.db.session import LostError
from src.platform.db.unit import Unit, unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.vault.models import TenantKey
from tests.db.test_closing import fresh, left
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region

_CONTEXT = Compiled(b"select ctx_tenant()", (), {})
_ANSWERS_NOTHING, _FAILS = (
    b"select * from (?) as it offset 1",
    b"select *, 1 / (length(now()::text) * 0) from (?) as it",
)


class _Odd(NamedTuple):
    """Opens as that of an organisation, and has something done beside it."""

    tenant_id: UUID
    beside: bytes

    def opening(self) -> tuple[Compiled, dict[str, Any]]:
        statement, given = Inside(TenantContext(self.tenant_id)).opening()
        return statement._replace(sql=self.beside.replace(b"?", statement.sql)), dict(given)


def odd(region: Region, beside: bytes) -> Binding:
    return cast("Binding", _Odd(region.organisations["school12"], beside))


async def fail_to_flush(session: AsyncSession) -> None:
    with pytest.raises(IntegrityError):
        session.add(User(id=new_id(), password_hash=None, created_at=clock.now()))
        await session.flush()


async def ask(work: Unit) -> None:
    await prepared.row(work.session, _CONTEXT, {})


async def say_last_words(work: Unit) -> None:
    await outbox.emit(work, "trial.job", {"tried": 1})


@pytest.mark.parametrize("go_on", [ask, say_last_words])
async def test_s_3_what_a_failed_flush_took_back_is_not_gone_on_with(
    region: Region, database: str, go_on: Callable[[Unit], Awaitable[None]]
) -> None:
    """The driver's transaction is gone: the next statement would begin another, which has no context."""
    number = fresh()
    with pytest.raises(InFailedSqlTransaction):
        async with inside(region.organisations["school12"]) as work:
            await outbox.emit(work, "trial.job", {"tried": number})
            await fail_to_flush(work.session)
            await go_on(work)
    assert left(database, number) == [0, 0, 0]
    async with inside(region.organisations["school12"]) as work:
        assert await prepared.row(work.session, _CONTEXT, {}) == (region.organisations["school12"],)


@pytest.mark.parametrize(("beside", "error"), [(_ANSWERS_NOTHING, LookupError), (_FAILS, DivisionByZero)])
async def test_s_4_a_transaction_whose_opening_failed_is_no_place_for_the_next(
    region: Region, beside: bytes, error: type[Exception]
) -> None:
    async with sessions()() as session:
        for _ in range(2):
            db_session.bind(session, odd(region, beside))
            with pytest.raises(error):
                await db_session.begin(session)
            db_session.bind(session, Platform())
            await db_session.begin(session)
            with pytest.raises(InsufficientPrivilege):
                await prepared.row(session, _CONTEXT, {})
            await session.rollback()


@pytest.mark.parametrize("beside", [_ANSWERS_NOTHING, _FAILS])
async def test_nothing_is_committed_where_the_opening_failed(region: Region, beside: bytes) -> None:
    async with sessions()() as session:
        db_session.bind(session, odd(region, beside))
        with pytest.raises((LookupError, DivisionByZero)):
            await session.execute(text("select 1"))
        with pytest.raises(InFailedSqlTransaction):
            await session.commit()


async def test_s_4_rows_that_were_read_for_one_organisation_are_not_shown_to_the_next(region: Region) -> None:
    async with sessions()() as session:
        seen = []
        for name in ("school12", "umit"):
            db_session.bind(session, Inside(TenantContext(region.organisations[name])))
            reads = [together.Read((lasts,), select(TenantKey), lasting=lasts) for lasts in (False, True)]
            seen += [{one.tenant_id for one in await together.rows(session, read)} for read in reads]
            await together.prefetch(session, *reads)
            await session.commit()
    assert seen == [{region.organisations[name]} for name in ("school12", "school12", "umit", "umit")]


async def test_a_commit_that_failed_is_not_done_when_it_is_asked_for_again(region: Region, database: str) -> None:
    number = fresh()
    async with inside(region.organisations["school12"]) as work:
        await outbox.emit(work, "trial.job", {"tried": number, "is": object()})
        for _ in range(2):
            with pytest.raises(TypeError):
                await work.session.commit()
        await work.session.rollback()
    assert left(database, number) == [0, 0, 0]


async def test_a_commit_that_does_not_write_what_was_left_is_refused(region: Region, database: str) -> None:
    number = fresh()
    async with sessions()() as session:
        db_session.bind(session, Inside(TenantContext(region.organisations["school12"])))
        with pytest.raises(LostError):
            async with session.begin():
                await session.execute(text("select 1"))
                await outbox.emit(Unit(session), "trial.job", {"tried": number})
    assert left(database, number) == [0, 0, 0]


async def test_a_unit_that_ended_with_an_error_leaves_the_exact_time_to_the_next(region: Region) -> None:
    """Its session is closed by a task of its own, which has a copy of what this one knows."""
    with pytest.raises(LookupError):
        async with unit(PublicAddress("school12")):
            assert clock.tells_hours_only()
            raise LookupError
    assert not clock.tells_hours_only()


@pytest.mark.parametrize("joined", ["the driver alone", "SQLAlchemy", "a savepoint"])
async def test_an_error_is_not_replaced_by_that_of_a_connection_that_has_gone(
    region: Region, database: str, joined: str
) -> None:
    with pytest.raises(LookupError):
        async with inside(region.organisations["school12"]) as work:
            if joined == "a savepoint":
                await work.session.begin_nested()
            if joined != "the driver alone":
                await work.session.execute(text("select 1"))
            driver = work.session.info[prepared.DRIVER]
            rows(database, "select pg_terminate_backend(%s, 5000)", driver.pgconn.backend_pid)
            raise LookupError
    assert not work.session.in_transaction()
    assert work.session.sync_session.held is None


async def test_openings_that_fail_or_are_broken_off_leave_no_plan_behind(region: Region) -> None:
    async with sessions()() as session:
        for _ in range(12):
            db_session.bind(session, odd(region, _FAILS))
            with pytest.raises(DivisionByZero):
                await db_session.begin(session)
            db_session.bind(session, odd(region, b"select pg_sleep(9), * from (?) as it"))
            task = asyncio.create_task(db_session.begin(session))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises((asyncio.CancelledError, psycopg.errors.QueryCanceled)):
                await task
        db_session.bind(session, Platform())
        await db_session.begin(session)
        query = Compiled(b"select count(*) from pg_prepared_statements where name like 'qorgan%'", (), {})
        assert await prepared.row(session, query, {}) == (1,)
