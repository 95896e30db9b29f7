"""Both ends of a transaction, one journey to the database each: BEGIN with what opens it, its last words with COMMIT.

Every request has both ends, and the database of a region stands on another machine. The driver's own pipeline costs
more than the journeys that it saves, so libpq's is used as the driver uses it (ADR 48).
"""

from collections.abc import Generator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from psycopg import AsyncConnection, OperationalError
from psycopg.adapt import Buffer, PyFormat, Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from src.platform.db.prepared import Compiled

_BEGIN, _COMMIT = b"BEGIN", b"COMMIT"


class _Asked(NamedTuple):
    """A statement as it is sent, and prepared in the same journey unless the connection has `known` it."""

    name: bytes
    values: Sequence[Buffer | None]
    sql: bytes
    types: tuple[int, ...]
    known: bool


class Journeys:
    """Of one connection, which keeps the plans of what opens and ends its transactions."""

    def __init__(self, driver: AsyncConnection[Any]) -> None:
        """To be kept as long as the connection."""
        self.driver, self._adapter = driver, Transformer(driver)
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self._numbers, self._forgotten = count(), list[bytes]()
        self._is_open = False

    async def begin(self, statement: Compiled, given: Mapping[str, object]) -> dict[str, Any]:
        """Begin with this statement; its one row by name. Raises psycopg.Error, LookupError where there is none."""
        if self._is_open:  # the one before was rolled back, or is now: nobody knows of one whose opening failed
            self.forget()
            if is_open(self.driver):
                await self.driver.rollback()
        self._is_open = True
        return self._row((await self._go(_BEGIN, self._asked(statement, given)))[-1])

    async def commit(self, last: tuple[Compiled, Mapping[str, object]] | None) -> None:
        """Send this statement, if any, and commit; where it fails nothing is committed.

        Raises psycopg.Error, also for a transaction that has failed before or was taken back: PostgreSQL calls neither
        an error when it is told to commit, and would keep the last words alone.
        """
        if self.driver.pgconn.transaction_status in (TransactionStatus.IDLE, TransactionStatus.INERROR):
            raise InFailedSqlTransaction
        if last is None:
            await self.driver.commit()
        else:
            await self._go(self._asked(*last), _COMMIT)
        self._is_open = False

    def forget(self) -> None:
        """With a rollback, also of a savepoint, the driver has the database forget all plans, if it has made any."""
        self._forgotten += self._names.values()
        self._names.clear()

    def _asked(self, statement: Compiled, given: Mapping[str, object]) -> _Asked:
        values = self._adapter.dump_sequence(statement.values(given), [PyFormat.TEXT] * len(statement.order))
        types = self._adapter.types or ()
        name = self._names.get((statement.sql, types))
        return _Asked(name or b"qorgan_%d" % next(self._numbers), values, statement.sql, types, known=name is not None)

    def _row(self, result: PGresult) -> dict[str, Any]:
        if not result.ntuples:
            raise LookupError
        self._adapter.set_pgresult(result)
        row = self._adapter.load_row(0, tuple)
        return {(result.fname(one) or b"").decode(): value for one, value in enumerate(row)}

    async def _go(self, *asked: bytes | _Asked) -> list[PGresult]:
        driver, new = self.driver, [one for one in asked if isinstance(one, _Asked) and not one.known]
        old, unsure = self._forgotten, [one.name for one in new]  # prepared perhaps, if something fails
        self._forgotten = old + unsure
        async with driver.lock:
            results = await driver.wait(self._pipeline(asked, old))
        self._forgotten = unsure
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result, encoding=driver.info.encoding)
        self._forgotten = []
        self._names.update({(one.sql, one.types): one.name for one in new})
        return results

    def _pipeline(self, asked: Sequence[bytes | _Asked], old: Sequence[bytes]) -> Generator[Any, Any, list[PGresult]]:
        """Send all of it and take every answer, also of what was not done because the one before it failed."""
        connection, number = self.driver.pgconn, len(asked) + len(old)
        connection.enter_pipeline_mode()
        try:
            for name in old:
                connection.send_close_prepared(name)  # no error where there is none
            for one in asked:
                if isinstance(one, bytes):
                    connection.send_query_params(one, None)
                    continue
                if not one.known:
                    connection.send_prepare(one.name, one.sql, one.types)
                    number += 1
                connection.send_query_prepared(one.name, one.values)
            connection.pipeline_sync()
            yield from send(connection)
            results = list[PGresult]()
            for _ in range(number):
                results += yield from fetch_many(connection)
            yield from fetch_many(connection)
        finally:
            try:
                connection.exit_pipeline_mode()
            except OperationalError:  # broken off: nobody may take the answers that still come for their own
                connection.finish()
        return results


def is_idle(driver: Any) -> bool:
    """Whether a connection has nothing to commit and nothing to roll back."""
    return bool(driver.pgconn.transaction_status == TransactionStatus.IDLE)


def is_open(driver: Any) -> bool:
    """Whether it has; one that is gone has neither."""
    return driver.pgconn.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)
