"""The async session: bound, opened by one statement, never left without a context (S-3, S-4, S-6).

The transaction is the driver's own, and SQLAlchemy joins it when the first statement of its own comes: what it does to
open and end one costs more than opening and ending it (ADR 38).
"""

import asyncio
from contextlib import suppress
from typing import Any, NamedTuple

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import InFailedSqlTransaction
from sqlalchemy import Connection, Engine, PoolProxiedConnection, Select, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.util import await_only, greenlet_spawn

from src.platform.db import closing, prepared
from src.platform.db.binding import Binding, Platform, PublicAddress
from src.platform.db.journeys import Journeys, is_idle, is_open
from src.platform.db.prepared import PREFETCHED, Cursors
from src.platform.db.together import LASTING
from src.platform.kit import clock
from src.platform.kit.settings import settings

_BINDING = "qorgan_binding"
_OPENED = "qorgan_opened"
_HOURS = "qorgan_hours_only"
_KEPT = "qorgan_of_transaction"
_OF = "qorgan_of_connection"


class UnboundError(RuntimeError):
    """Somebody asked the database without saying for whom."""


class RebindError(RuntimeError):
    """Somebody tried to change the organisation inside a transaction (S-6)."""


class LostError(RuntimeError):
    """Somebody commits by another way than the session's own: what was left for the end would be lost."""


class OfConnection(NamedTuple):
    """What is kept as long as a connection."""

    driver: AsyncConnection[Any]
    cursors: Cursors
    journeys: Journeys


class BoundSession(Session):
    """The synchronous heart of the async session; carries the hooks and holds the connection."""

    held: PoolProxiedConnection | None = None
    joined: Connection | None = None

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        """The connection that the session holds, as SQLAlchemy knows it."""
        if self.joined is None:
            self.joined = Connection(self._engine(), connection=self.hold())
        return self.joined

    def hold(self) -> PoolProxiedConnection:
        """Take a connection out of the pool, unless the session has one that was not thrown away (S-6)."""
        if self.held is not None and not self.held.is_valid:
            self.let_go()
        if self.held is None:
            self.held = self._engine().pool.connect()
        return self.held

    def is_open(self) -> bool:
        """Whether a transaction is open at the connection that the session holds, if any."""
        return self.held is not None and self.held.is_valid and is_open(self.held.driver_connection)

    async def let_go_at_once(self) -> None:
        """As `let_go`; a greenlet is made only where something has to be rolled back."""
        held = self.held
        if held is None:
            return
        driver = held.driver_connection
        if driver is not None and is_idle(driver):  # the pool has room for all it gave, it never overflows
            self.let_go()
        else:
            await greenlet_spawn(self.let_go)

    def let_go(self) -> None:
        """Give the connection back; the pool rolls back whatever is left of it."""
        held, self.held, self.joined = self.held, None, None
        if held is not None:
            held.close()

    def _engine(self) -> Engine:
        if not isinstance(self.bind, Engine):
            raise UnboundError
        return self.bind


class DriverSession(AsyncSession):
    """A session whose transaction begins and ends at the driver, by SQLAlchemy only if that has joined it."""

    sync_session: BoundSession

    def in_transaction(self) -> bool:
        """Whether the driver's transaction is open, or SQLAlchemy is about to open one."""
        return prepared.DRIVER in self.info or super().in_transaction()

    async def commit(self) -> None:
        """Commit, and tell SQLAlchemy if it has joined; it may have begun without ever coming to the connection."""
        if prepared.has_changes(self):
            await self.flush()
        while (savepoint := self.get_nested_transaction()) is not None:
            await savepoint.commit()
        last = closing.last_words(self)
        if last is not None and _OF not in self.info:
            _ = await self.connection()  # opens the transaction
        of: OfConnection | None = self.info.get(_OF)
        if of is not None:
            await of.journeys.commit(last)
        elif self.sync_session.is_open():
            raise InFailedSqlTransaction  # its opening failed, and somebody has swallowed the error
        if super().in_transaction():
            await super().commit()
        _left(self.sync_session)

    async def rollback(self) -> None:
        """Roll back likewise; a connection that is gone has rolled back."""
        driver = self.info.get(prepared.DRIVER)
        while super().in_transaction():  # a savepoint's error leaves the rest to be rolled back
            try:
                await super().rollback()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
        if driver is not None and is_open(driver):
            with suppress(OperationalError):
                await driver.rollback()
        _left(self.sync_session)

    async def close(self) -> None:
        """Roll back what is open and give the connection back."""
        if self.in_transaction():
            await self.rollback()
        await self.sync_session.let_go_at_once()

    async def __aexit__(self, *_: object) -> None:
        """Close, also while the request is being cancelled."""
        if self.in_transaction():
            if self.info.pop(_HOURS, False):  # said to this task; the other one hears of a copy
                clock.tell_hours_only(on=False)
            await asyncio.shield(asyncio.create_task(self.close()))
        else:  # nothing is waited for, so nothing can be broken off
            await self.sync_session.let_go_at_once()


def bind(session: AsyncSession, binding: Binding) -> None:
    """Say what the next transactions of this session are for. Raises RebindError inside a transaction."""
    if session.in_transaction():
        raise RebindError
    _forget(session.info)
    session.info[_BINDING] = binding


async def begin(session: AsyncSession) -> None:
    """Open the transaction now, so that `opened` has an answer.

    A connection that died while nobody used it is replaced, and the statement sent again: nothing of it can have
    stayed. Raises psycopg.OperationalError where no new one can be had, or where even new ones die.
    """
    if session.in_transaction() or not isinstance(sync := session.sync_session, BoundSession):
        return
    _entered(sync, *await _answer(sync))


async def _answer(sync: BoundSession) -> tuple[PoolProxiedConnection, dict[str, Any]]:
    statement, parameters = _binding(sync).opening()
    may_be_dead = settings().pool_size
    while True:
        held = await greenlet_spawn(sync.hold)
        try:
            return held, await _of(held).journeys.begin(statement, parameters)
        except OperationalError:
            if not _driver(held).broken or not may_be_dead:
                raise
            may_be_dead -= 1
            await greenlet_spawn(held.invalidate)


def forget_plans(connection: Connection, *_: object) -> None:
    """Called with every rollback of a savepoint."""
    of: OfConnection | None = connection.info.get(_OF)
    if of is not None:
        of.journeys.forget()


def opened(session: AsyncSession) -> dict[str, Any]:
    """The row that the opening statement answered."""
    row: dict[str, Any] = session.info[_OPENED]
    return row


def of_transaction(session: AsyncSession) -> dict[str, Any]:
    """What modules keep until the transaction ends."""
    kept: dict[str, Any] = session.info.setdefault(_KEPT, {})
    return kept


@event.listens_for(BoundSession, "after_begin")
def _open(session: BoundSession, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.in_nested_transaction() or prepared.DRIVER in session.info:
        return
    statement, parameters = _binding(session).opening()
    held = session.hold()
    _entered(session, held, await_only(_of(held).journeys.begin(statement, parameters)))


@event.listens_for(BoundSession, "before_commit")
def _refuse_to_lose(session: BoundSession) -> None:
    if closing.LEFT in session.info and not session.in_nested_transaction():
        raise LostError


@event.listens_for(BoundSession, "after_transaction_end")
def _leave(session: BoundSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        _left(session)


def _binding(session: Session) -> Binding:
    found: Binding | None = session.info.get(_BINDING)
    if found is None:
        raise UnboundError
    return found


def _driver(held: PoolProxiedConnection) -> AsyncConnection[Any]:
    driver: AsyncConnection[Any] = held.driver_connection  # type: ignore[assignment]  # it is open
    return driver


def _of(held: PoolProxiedConnection) -> OfConnection:
    """What the pool forgets together with the connection."""
    driver = _driver(held)
    of: OfConnection | None = held.info.get(_OF)
    if of is None or of.driver is not driver:
        of = held.info[_OF] = OfConnection(driver, Cursors(driver), Journeys(driver))
    return of


def _entered(session: Session, held: PoolProxiedConnection, row: dict[str, Any]) -> None:
    if settings().test_clock and row.get("shift") is not None:
        clock.set_offset(row["shift"])
    info, of = session.info, _of(held)
    info[_OPENED], info[_OF], info[prepared.DRIVER], info[prepared.CURSORS] = row, of, of.driver, of.cursors
    _forget(info)
    if isinstance(info[_BINDING], PublicAddress) or row.get("hours_only"):
        info[_HOURS] = True
        clock.tell_hours_only(on=True)


def _forget(info: dict[Any, Any]) -> None:
    for known in (PREFETCHED, LASTING, _KEPT):
        info.pop(known, None)


def _left(session: Session) -> None:
    for one in (_OF, prepared.DRIVER, prepared.CURSORS, closing.LEFT):
        session.info.pop(one, None)
    if session.info.pop(_HOURS, False):
        clock.tell_hours_only(on=False)


@event.listens_for(BoundSession, "before_flush")
def _forget_when_flushing(session: Session, *_: object) -> None:
    session.info.pop(PREFETCHED, None)


@event.listens_for(BoundSession, "do_orm_execute")
def _forget_when_writing(state: ORMExecuteState) -> None:
    locks = isinstance(state.statement, Select) and state.statement._for_update_arg is not None  # noqa: SLF001  # it has no public name
    if locks or not state.is_select:
        state.session.info.pop(PREFETCHED, None)


@event.listens_for(BoundSession, "do_orm_execute")
def _refuse_tenant_rows_without_tenant(state: ORMExecuteState) -> None:
    if not isinstance(state.session.info.get(_BINDING), Platform):
        return
    if any(getattr(mapper.class_, "__tenancy__", "platform") != "platform" for mapper in state.all_mappers):
        raise UnboundError
