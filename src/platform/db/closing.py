"""What a transaction leaves for others: its jobs, its alarms and its audit rows, in one statement beside COMMIT.

Nobody reads them in the transaction that writes them, so nothing waits for them, and the chain of the audit is locked
for less than a journey (ADR 42, ADR 48). Rolled back, they were never there.
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


def last_words(session: AsyncSession) -> tuple[Compiled, dict[str, object]] | None:
    """The statement that writes what was left, to be sent with COMMIT; None where nothing was."""
    left = session.info.get(LEFT)
    words = _statement(left) if left else None
    session.info.pop(LEFT, None)
    return words


async def _write(session: AsyncSession, left: Mapping[Kind, list[Mapping[str, object]]]) -> None:
    await prepared.done(session, *_statement(left))


def _statement(left: Mapping[Kind, list[Mapping[str, object]]]) -> tuple[Compiled, dict[str, object]]:
    kinds = sorted(left)
    statement = prepared.once(("closing", *kinds), None, lambda: _together(kinds))
    return statement, {kind.name: _encoder.encode(left[kind]).decode() for kind in kinds}


def _together(kinds: list[Kind]) -> Compiled:
    """One statement; the rows of one kind are written in the order in which they were left."""
    writes = [f"{kind.name} as ({kind.sql})" for kind in kinds if not kind.answers]
    writes += [f"{kind.name}_then as ({kind.then})" for kind in kinds if kind.then]
    asked = [kind.sql for kind in kinds if kind.answers]
    first = f"with {', '.join(writes)} " if writes else ""
    return prepared.compiled(text(first + (" union all ".join(asked) or "select 1")))
