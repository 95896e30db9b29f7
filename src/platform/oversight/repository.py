"""Writing counters inside an organisation, reading them with the role that can read nothing else."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case, delete, func, insert, select

from src.platform.db import session as db_session
from src.platform.db.binding import Platform
from src.platform.db.engine import sessions
from src.platform.db.unit import Unit
from src.platform.deadlines.schemas import Kept
from src.platform.oversight.models import ChildrenCount, ProcessCounter, Release
from src.platform.oversight.schemas import ReleaseLine


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


class Placed(NamedTuple):
    """The children of a district with one value, and how many of its schools have a child in that table at all."""

    district_id: UUID | None
    dimension: str
    value: str
    children: int
    schools: int


async def lock_children(unit: Unit, quarter: int) -> None:
    """One count of a school's quarter at a time: the last one to come sees every decision before it."""
    await _lock(unit, f"children|{unit.tenant_id}|{quarter}")


async def replace_children(unit: Unit, quarter: int, counts: Mapping[tuple[str, str], int]) -> None:
    """Put a quarter's numbers in place of the old ones."""
    await unit.session.execute(delete(ChildrenCount).where(ChildrenCount.quarter == quarter))
    rows = [
        {"tenant_id": unit.tenant_id, "quarter": quarter, "dimension": dimension, "value": value, "children": number}
        for (dimension, value), number in counts.items()
        if number
    ]
    if rows:
        await unit.session.execute(insert(ChildrenCount), rows)


async def districts(unit: Unit, quarter: int) -> list[Placed]:
    """The sums of districts, for the worker in the city's context; anybody else meets 42501 (S-36)."""
    connection = await unit.session.connection()
    rows = await connection.exec_driver_sql("select * from oversight_districts(%(quarter)s)", {"quarter": quarter})
    return [Placed(**row) for row in rows.mappings().all()]


async def lock_releases(unit: Unit) -> None:
    """One release at a time in a city."""
    await _lock(unit, f"releases|{unit.tenant_id}")


async def release(unit: Unit, number: int | None) -> tuple[list[ReleaseLine], dict[str, Any] | None]:
    """Every release, the latest quarter first, and the body of one: that number, or the first where none is told."""
    latest = select(Release.number).order_by(Release.quarter.desc()).limit(1).scalar_subquery()
    chosen = Release.number == (latest if number is None else number)
    columns = (Release.id, Release.number, Release.quarter, Release.made_at)
    query = select(*columns, case((chosen, Release.body)).label("body")).order_by(Release.quarter.desc())
    rows = (await unit.session.execute(query)).all()
    lines = [ReleaseLine(id=row.id, number=row.number, quarter=row.quarter, made_at=row.made_at) for row in rows]
    return lines, next((row.body for row in rows if row.body is not None), None)


def add_release(unit: Unit, release: Release) -> None:
    """Keep a release for good."""
    unit.session.add(release)


async def _lock(unit: Unit, what: str) -> None:
    await unit.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))
