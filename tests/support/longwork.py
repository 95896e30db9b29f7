"""Long work step by step, as the worker would do it."""

from typing import Any
from uuid import UUID

from src.platform.outbox.run import run_job
from src.platform.worker.modules import load_actors
from tests.support.incidents import rows

_NEXT = (
    "select id from outbox where actor = 'longwork.step' and done_at is null and dead_at is null order by created_at"
)


def waiting(database: str) -> list[UUID]:
    """Calls of the worker that have not ended."""
    return [row[0] for row in rows(database, _NEXT)]


async def step(database: str) -> UUID:
    """Do the next step; the call of the worker that did it."""
    load_actors()
    (call,) = waiting(database)
    await run_job(call)
    return call


def audited(database: str, action: str, work: str) -> list[Any]:
    """Who did something to a piece of work, with its detail."""
    query = "select actor_id, detail from audit_log where action = %s and record_ids[1] = %s order by seq"
    return rows(database, query, action, work.rpartition("/")[2])
