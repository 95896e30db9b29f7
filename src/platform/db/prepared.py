"""Statements that are compiled once: their text is kept and sent as it is.

SQLAlchemy finds the text of a statement again by walking all of it; for a scope over ten relations that costs more
than the answer. What stands in a statement only because of the roles of the reader is therefore made once for each
policy and each combination of roles (`once`), compiled (`compiled`) and asked with other parameters (`row`).

A kept text goes as it is to the driver's connection, in the session's transaction: what SQLAlchemy would add (a
greenlet, the description of the answer) and looking for parameters in a long text cost more than the driver itself.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from typing import cast as as_type

from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.errors import InFailedSqlTransaction
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from sqlalchemy import BindParameter, Executable, Select, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.compiler import SQLCompiler

T = TypeVar("T")
S = TypeVar("S", bound=Select[Any])
_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # the library does not say
_MOST, _MOST_CURSORS = 1_000, 64
DRIVER = "qorgan_driver"
CURSORS = "qorgan_cursors"
PREFETCHED = "qorgan_prefetched"
_made: dict[Hashable, tuple[object, Any]] = {}


class Compiled(NamedTuple):
    """The text of a statement, the names of its parameters in order, and the values that always stand in it.

    One that is `passing` was made for one question: no connection remembers it.
    """

    sql: bytes
    order: Sequence[str]
    known: Mapping[str, object]
    passing: bool = False

    def values(self, given: Mapping[str, object]) -> list[object]:
        """The parameters. `given` may hold more than is asked for. Raises KeyError for one that is missing."""
        return [given[name] if name in given else self.known[name] for name in self.order]


class Cursors:
    """The cursors of a connection, one for each text: it knows already how the parameters of its text are written."""

    def __init__(self, driver: AsyncConnection[Any]) -> None:
        """To be kept as long as the connection."""
        self._driver = driver
        self._made: dict[bytes, tuple[bytes, AsyncRawCursor[tuple[Any, ...]]]] = {}

    async def execute(self, statement: Compiled, given: Mapping[str, object]) -> AsyncRawCursor[tuple[Any, ...]]:
        """Planned once a connection; its rows are there until the same text is sent again. Raises psycopg.Error."""
        sql, cursor = self._made.get(statement.sql) or self._new(statement)
        return await cursor.execute(sql, statement.values(given), prepare=True)  # it knows the very text again

    def _new(self, statement: Compiled) -> tuple[bytes, AsyncRawCursor[tuple[Any, ...]]]:
        made = statement.sql, AsyncRawCursor(self._driver, row_factory=tuple_row)
        if not statement.passing:
            if len(self._made) >= _MOST_CURSORS:
                self._made.clear()
            self._made[statement.sql] = made
        return made


def once(key: tuple[Hashable, ...], while_stands: object, make: Callable[[], T]) -> T:
    """What `make` makes, made again only when `while_stands` (the policy in force) has been swapped.

    It answers everybody with the same key: who asks, and for which organisation, comes as a parameter, never in it.
    """
    kept = _made.get(key)
    if kept is None or kept[0] is not while_stands:
        if len(_made) >= _MOST:
            _made.clear()
        kept = _made[key] = while_stands, make()
    made: T = kept[1]
    return made


def compiled(statement: Executable, *, columns: Collection[str] | None = None, fixed: bool = False) -> Compiled:
    """The text of a statement; lists that stand in it as values are written out. `columns`: what an INSERT is given.

    `fixed`: every value that stands in it is the program's own, nobody typed it, so it is written into the text and
    not handed over each time.
    """
    keys = list(columns) if columns is not None else None
    if fixed:
        statement = as_type(
            "Executable", visitors.replacement_traverse(as_type("ClauseElement", statement), {}, _as_text)
        )
    made = as_type("SQLCompiler", as_type("ClauseElement", statement).compile(dialect=_DIALECT, column_keys=keys))
    asked = {name: None for name, one in made.binds.items() if one.required}
    state = made.construct_expanded_state(asked)
    known = {name: one for name, one in state.parameters.items() if name not in asked}
    return Compiled(state.statement.encode(), tuple(state.positiontup or ()), known)


def _as_text(element: Any, **_: Any) -> BindParameter[Any] | None:
    if not isinstance(element, BindParameter) or element.required or element.value is None:
        return None
    kept: BindParameter[Any] = element._clone(maintain_key=True)  # noqa: SLF001  # it has no public name
    kept.literal_execute = True
    return kept


def with_facts(query: S, facts: Mapping[str, object]) -> S:
    """A query whose parameters are values of its own, so that questions about several people stand in one statement."""

    def told(element: Any, **_: Any) -> BindParameter[Any] | None:
        if not isinstance(element, BindParameter) or element.key not in facts:
            return None
        return bindparam(element.key, facts[element.key], type_=element.type, unique=True)

    return as_type("S", visitors.replacement_traverse(query, {}, told))


def numbered(query: S, names: Collection[str], number: int) -> S:
    """A query whose parameters of these names are called `<name>_<number>`, to stand in one statement with others."""

    def named(element: Any, **_: Any) -> BindParameter[Any] | None:
        if not isinstance(element, BindParameter) or element.key not in names:
            return None
        return bindparam(f"{element.key}_{number}", type_=element.type)

    return as_type("S", visitors.replacement_traverse(query, {}, named))


async def row(session: AsyncSession, statement: Compiled, given: Mapping[str, object]) -> Sequence[Any]:
    """The one row that a statement answers. Raises psycopg.Error, LookupError where there is none."""
    return _there(await row_or_none(session, statement, given))


async def row_or_none(session: AsyncSession, statement: Compiled, given: Mapping[str, object]) -> Sequence[Any] | None:
    """The same where there may be none."""
    return await (await _execute(session, statement, given)).fetchone()


def named(query: Select[Any]) -> tuple[Compiled, tuple[str, ...]]:
    """The text of a query and the names of what it answers, for `named_row`."""
    return compiled(query), tuple(query.selected_columns.keys())


async def named_row(
    session: AsyncSession, made: tuple[Compiled, tuple[str, ...]], given: Mapping[str, object]
) -> dict[str, Any]:
    """The one row that it answers, by name. Raises psycopg.Error, LookupError where there is none."""
    statement, names = made
    return dict(zip(names, await row(session, statement, given), strict=True))


async def rows(session: AsyncSession, statement: Compiled, given: Mapping[str, object]) -> Sequence[Sequence[Any]]:
    """Every row that a statement answers."""
    return await (await _execute(session, statement, given)).fetchall()


async def changed(session: AsyncSession, statement: Compiled, given: Mapping[str, object]) -> Sequence[Any] | None:
    """The same of a statement that writes: what was prefetched is asked for anew."""
    session.info.pop(PREFETCHED, None)
    return await row_or_none(session, statement, given)


async def inserted(session: AsyncSession, statement: Executable, row: Mapping[str, object]) -> Sequence[Any] | None:
    """Store a row by an INSERT that stands in a module, compiled once for its columns; what it returns, if anything."""
    made = once((statement, *row), None, lambda: compiled(statement, columns=row))
    return await changed(session, made, row)


async def done(session: AsyncSession, statement: Compiled, given: Mapping[str, object]) -> None:
    """Send a statement that answers nothing and writes what no page reads (the outbox)."""
    await _execute(session, statement, given)


async def _execute(
    session: AsyncSession, statement: Compiled, given: Mapping[str, object]
) -> AsyncRawCursor[tuple[Any, ...]]:
    if DRIVER not in session.info or session.in_nested_transaction():
        _ = await session.connection()  # opens the transaction, with its context (S-3), and a savepoint that is due
    if has_changes(session):
        await session.flush()  # a kept text sees what the session holds, as every other statement does
    if session.info[DRIVER].pgconn.transaction_status == TransactionStatus.IDLE:
        raise InFailedSqlTransaction  # a flush that failed took it back; this would begin another, without a context
    cursors: Cursors = session.info[CURSORS]
    return await cursors.execute(statement, given)


def has_changes(session: AsyncSession) -> bool:
    """Whether the session holds what is not written yet; asked often, and most often of one that holds nothing."""
    holds = len(session.identity_map) > 0
    return bool(session.new) or (holds and bool(session.dirty or session.deleted))


def _there(found: T | None) -> T:
    if found is None:
        raise LookupError
    return found
