"""What goes to the database, counted at the driver: SQLAlchemy's statements and the prepared ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
import pytest

from src.platform.db.journeys import Journeys
from src.platform.db.prepared import Compiled

_AROUND = ("begin_request", "audit_append")


class Sent(NamedTuple):
    """One statement, its parameters, and the role of the database that asked."""

    sql: str
    parameters: Any
    role: str


@contextmanager
def sent(*, around: bool = False) -> Iterator[list[Sent]]:
    """Every statement in the block; without those `around`, the one that opens and the audit rows that end it."""
    seen: list[Sent] = []
    execute, begin, commit = psycopg.AsyncCursor.execute, Journeys.begin, Journeys.commit

    def note(text: str, parameters: Any, connection: Any) -> None:
        if text and (around or not any(one in text for one in _AROUND)):
            seen.append(Sent(text, parameters, connection.info.user))

    async def noted(cursor: Any, query: Any, params: Any = None, **more: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else query
        note(text if isinstance(text, str) else "", params, cursor.connection)  # else the driver asks for kinds itself
        return await execute(cursor, query, params, **more)

    async def begun(journeys: Journeys, statement: Compiled, given: Any) -> Any:
        note(statement.sql.decode(), statement.values(given), journeys.driver)
        return await begin(journeys, statement, given)

    async def committed(journeys: Journeys, last: tuple[Compiled, Any] | None) -> None:
        if last is not None:
            note(last[0].sql.decode(), last[0].values(last[1]), journeys.driver)
        await commit(journeys, last)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", noted)
        patch.setattr(Journeys, "begin", begun)
        patch.setattr(Journeys, "commit", committed)
        yield seen
