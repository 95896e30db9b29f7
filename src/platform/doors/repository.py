"""Every query of the module."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.doors.models import DoorUse, ReportReceipt
from src.platform.tenants import service as tenants

_KEPT = timedelta(hours=24)


async def prefetch(unit: Unit) -> None:
    """What a public page asks for, in one statement."""
    await together.prefetch(unit.session, tenants.all_settings(), tenants.all_members())


async def add_receipt(unit: Unit, code_blind: bytes, report_id: UUID) -> None:
    """Let a code open a report."""
    row = {"tenant_id": unit.tenant_id, "code_blind": code_blind, "report_id": report_id}
    await unit.session.execute(insert(ReportReceipt).values(**row))


async def report_of(unit: Unit, code_blind: bytes) -> UUID | None:
    """The report that a code opens, of the unit's organisation."""
    found: UUID | None = (await unit.session.execute(select(func.receipt_report(code_blind)))).scalar_one()
    return found


async def wait_for_twin(unit: Unit, report_id: UUID) -> None:
    """A second click waits for the first."""
    await unit.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"door|{report_id}", 0))))


async def spend(unit: Unit, bucket: bytes, hour: datetime, most: int) -> bool:
    """Count one more in an hour; False when that many were counted. Exact, however many come at once (S-28)."""
    if most < 1:
        return False
    query = insert(DoorUse).values(bucket=bucket, hour=hour, used=1)
    query = query.on_conflict_do_update(
        index_elements=["bucket", "hour"], set_={"used": DoorUse.used + 1}, where=DoorUse.used < most
    )
    return (await unit.session.execute(query.returning(DoorUse.used))).one_or_none() is not None


async def used(unit: Unit, buckets: list[bytes], hour: datetime) -> dict[bytes, int]:
    """How much of an hour is used up."""
    query = select(DoorUse.bucket, DoorUse.used).where(DoorUse.bucket.in_(buckets), DoorUse.hour == hour)
    return {row.bucket: row.used for row in (await unit.session.execute(query)).all()}


async def forget_uses(unit: Unit, hour: datetime) -> None:
    """Old counters go; those that somebody else sweeps are left to them."""
    old = select(DoorUse.bucket, DoorUse.hour).where(DoorUse.hour < hour - _KEPT).with_for_update(skip_locked=True)
    await unit.session.execute(delete(DoorUse).where(tuple_(DoorUse.bucket, DoorUse.hour).in_(old)))
