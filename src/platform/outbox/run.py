"""Running one outbox row: lock it, work in its context, close it in the transaction of its effect (S-43, S-44)."""

from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from src.platform.db import session as db_session
from src.platform.db.binding import Job, Platform
from src.platform.db.engine import sessions
from src.platform.db.unit import Unit
from src.platform.kit import clock, telemetry
from src.platform.outbox import actors
from src.platform.outbox.dead import ALARM

MOST_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=2)
_RING = """
    insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at, hours_only)
    select %(id)s, %(actor)s, '{}', t.id, t.id, %(at)s, %(first)s, %(quietly)s from tenants t
    where t.kind = 'region_operator'"""
_log = structlog.get_logger(__name__)


async def run_job(outbox_id: UUID) -> bool:
    """Run the row if nobody has or does; False when there was nothing to do. A failure is noted, not raised."""
    try:
        return await _run(outbox_id)
    except Exception as error:  # noqa: BLE001  # whatever an actor raises becomes a noted failure
        _log.warning("job_failed", outbox_id=str(outbox_id), exc_info=error)
        telemetry.report(error)
        await _note_failure(outbox_id, type(error).__name__)
        return False


async def _run(outbox_id: UUID) -> bool:
    async with sessions("qorgan_worker")() as session:
        db_session.bind(session, Job(outbox_id))
        await db_session.begin(session)
        row = db_session.opened(session)
        if row["actor"] is None:
            return False
        unit = Unit(session)
        found = actors.find(row["actor"])
        await found.work(unit, **found.decode(row["args"]))
        connection = await session.connection()
        await connection.exec_driver_sql("select finish_job(%(id)s)", {"id": outbox_id})
        await unit.commit()
        return True


async def _note_failure(outbox_id: UUID, failure: str) -> None:
    async with sessions("qorgan_worker")() as session:
        db_session.bind(session, Platform())
        connection = await session.connection()
        noted = await connection.exec_driver_sql(
            "select * from fail_job(%(id)s, %(failure)s, %(again)s, %(most)s)",
            {"id": outbox_id, "failure": failure, "again": _FIRST_PAUSE, "most": MOST_ATTEMPTS},
        )
        row = noted.mappings().one_or_none()
        if row is not None and row["died"] and row["actor"] != ALARM:
            at = clock.local_hour(clock.now()) if row["quietly"] else clock.now()
            first = clock.local_hour(clock.real_now()) if row["quietly"] else clock.real_now()
            alarm = {"id": uuid4(), "actor": ALARM, "at": at, "first": first, "quietly": row["quietly"]}
            await connection.exec_driver_sql(_RING, alarm)
        await session.commit()
