"""What waits in the outbox, run in this process: for tests, and for a history that is made with the test clock.

Who calls has named the actors with `load_actors` and holds a connection of the relay's role.
"""

import psycopg

from src.platform.outbox import relay
from src.platform.outbox.run import run_job


async def drain(connection: psycopg.AsyncConnection) -> int:
    """Run every due outbox row and every moment that has come, until nothing is left; how many rows ran."""
    done = 0
    while True:
        fired = await relay.fire_due(connection)
        leased = await relay.lease(connection)
        for row in leased:
            done += await run_job(row.id)
        if not fired and not leased:
            return done
