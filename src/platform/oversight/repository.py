"""Writing counters inside an organisation, reading them with the role that can read nothing else."""

from sqlalchemy import delete, insert, select

from src.platform.db import session as db_session
from src.platform.db.binding import Platform
from src.platform.db.engine import sessions
from src.platform.db.unit import Unit
from src.platform.deadlines.schemas import Kept
from src.platform.oversight.models import ProcessCounter


async def replace(unit: Unit, month: int, kept: list[Kept]) -> None:
    """Put a month's counters in place of the old ones."""
    await unit.session.execute(delete(ProcessCounter).where(ProcessCounter.month == month))
    if kept:
        rows = [
            {
                "tenant_id": unit.tenant_id,
                "month": month,
                "clock": k.code,
                "met_in_time": k.met_in_time,
                "met_late": k.met_late,
                "missed": k.missed,
                "reached_city": k.reached_city,
            }
            for k in kept
        ]
        await unit.session.execute(insert(ProcessCounter), rows)


async def counters(month: int) -> list[ProcessCounter]:
    """Every school's counters of a month, by the role `qorgan_oversight`: the guarantee is a grant, not code (S-36)."""
    async with sessions("qorgan_oversight")() as session:
        db_session.bind(session, Platform())
        table = ProcessCounter.__table__  # columns, not objects: the rows belong to no organisation's unit
        rows = await session.execute(select(*table.columns).where(ProcessCounter.month == month))
        return [ProcessCounter(**row) for row in rows.mappings().all()]
