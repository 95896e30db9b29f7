"""Running what waits in the outbox, in this process, and moving the domain's clock."""

from datetime import datetime

import psycopg

from src.platform.kit import clock
from src.platform.kit.settings import settings
from src.platform.worker import inline
from src.platform.worker.modules import load_actors


async def drain() -> int:
    """Run every due outbox row and every moment that has come, until nothing is left; how many rows ran."""
    load_actors()
    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return await inline.drain(connection)


def set_clock(admin_url: str, moment: datetime) -> None:
    """Move domain time of the test database to a moment."""
    with psycopg.connect(admin_url) as admin:
        admin.execute("update platform_state set clock_offset = %s", (moment - clock.real_now(),))


def dead_or_failed(admin_url: str) -> list[tuple[str, str]]:
    """Outbox rows that did not end well: actor and failure."""
    with psycopg.connect(admin_url) as admin:
        return admin.execute(
            "select actor, failure from outbox where done_at is null and failure is not null"
        ).fetchall()
