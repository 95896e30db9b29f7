"""What a transaction leaves for others: its jobs, its alarms and its audit rows, in one statement before COMMIT.

Nobody reads them in the transaction that writes them, so nothing waits for them, and the chain of the audit is locked
for that one journey (ADR 42). Rolled back, they were never there.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from src.platform.db import prepared
from src.platform.db.prepared import Compiled

LEFT = "qorgan_left"
_encoder = msgspec.json.Encoder()


class Kind(NamedTuple):
    """Rows of one kind. `sql` reads them from `jsonb_to_recordset(:<name>)`; `answers` where it is a SELECT.

    `then` writes more by what `sql` returned, which it finds under the name of the kind.
    """

    name: str
    sql: str
    answers: bool = False
    then: str = ""


async def leave(session: AsyncSession, kind: Kind, row: Mapping[str, object]) -> None:
    """Write a row at the end; inside a savepoint at once, because it falls with it."""
    if session.in_nested_transaction():
        await _write(session, {kind: [row]})
    else:
        session.info.setdefault(LEFT, defaultdict(list))[kind].append(row)


async def write_what_is_left(session: AsyncSession) -> None:
    """Called before COMMIT. Raises psycopg.Error."""
    left = session.info.pop(LEFT, None)
    if left:
        await _write(session, left)


async def _write(session: AsyncSession, left: Mapping[Kind, list[Mapping[str, object]]]) -> None:
    kinds = sorted(left)
    statement = prepared.once(("closing", *kinds), None, lambda: _together(kinds))
    await prepared.done(session, statement, {kind.name: _encoder.encode(left[kind]).decode() for kind in kinds})


def _together(kinds: list[Kind]) -> Compiled:
    """One statement; the rows of one kind are written in the order in which they were left."""
    writes = [f"{kind.name} as ({kind.sql})" for kind in kinds if not kind.answers]
    writes += [f"{kind.name}_then as ({kind.then})" for kind in kinds if kind.then]
    asked = [kind.sql for kind in kinds if kind.answers]
    first = f"with {', '.join(writes)} " if writes else ""
    return prepared.compiled(text(first + (" union all ".join(asked) or "select 1")))
