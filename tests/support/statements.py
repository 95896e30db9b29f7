"""What goes to the database, counted at the driver: SQLAlchemy's statements and the prepared ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
import pytest

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
    execute = psycopg.AsyncCursor.execute

    async def noted(cursor: Any, query: Any, params: Any = None, **more: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else query
        text = text if isinstance(text, str) else ""  # the driver asks for the kinds of a fresh connection by itself
        if text and (around or not any(one in text for one in _AROUND)):
            seen.append(Sent(text, params, cursor.connection.info.user))
        return await execute(cursor, query, params, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", noted)
        yield seen
