"""The commission's copy of Form J: entered, checked, corrected, and tied to a case once the commission has one (R-152).

A row tells the commission a service and dates. Its mark is of one referral and one commission, so that two rows of a
child cannot be joined and nothing leads to the request that the commission may have read (S-19). What leads there is
written into a row only after the commission has opened a case of the child.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.referrals.log import repository
from src.platform.referrals.log.repository import Sent
from src.platform.referrals.models import ReferralLogEntry
from src.platform.vault import service as vault

CASE_OPENED = "referrals.case_opened"
"""The actor in the school that hears of a case of the commission."""
READ, active = repository.READ, repository.active


@dataclass(frozen=True, slots=True)
class Month:
    """Which form the rows belong to: month (YYYYMM), version, the moment of its confirmation."""

    month: int
    revision: int
    at: datetime


async def enter(
    unit: Unit, of: Month, rows: Mapping[UUID, Sent], checked: Collection[UUID], commission_id: UUID
) -> None:
    """The rows of a confirmed form by their ids, of which some are checked; they replace an older version."""
    await repository.write(unit, ReferralLogEntry.month == of.month, replaced_at=of.at)
    known = await repository.requests_of(unit, [one.referral.id for one in rows.values()], commission_id)
    for row_id, one in rows.items():
        unit.session.add(
            ReferralLogEntry(
                tenant_id=unit.tenant_id,
                id=row_id,
                peer_tenant_id=commission_id,
                month=of.month,
                revision=of.revision,
                mark=await _mark(unit, one.referral.id),
                service=one.referral.peer_tenant_id,
                support=one.referral.service_type,
                sent_on=clock.local_date(one.referral.sent_at),
                checked_on=clock.local_date(of.at) if row_id in checked else None,
                entered_at=of.at,
                request_id=known.get(one.referral.id),
                version=1,
            )
        )
    await unit.session.flush()


async def check(unit: Unit, ids: Collection[UUID], day: date) -> None:
    """These rows were checked on a day."""
    await repository.write(unit, ReferralLogEntry.id.in_(ids), ReferralLogEntry.checked_on.is_(None), checked_on=day)


async def case_opened(unit: Unit, request_id: UUID) -> None:
    """In the school: from now on the rows of this child lead to the commission's case."""
    if not await repository.note_case(unit, request_id):
        return
    marks = [await _mark(unit, one) for one in await repository.of_same_child(unit, request_id)]
    await repository.write(
        unit, ReferralLogEntry.mark.in_(marks), ReferralLogEntry.request_id.is_(None), request_id=request_id
    )
    audit.record(unit, "referral_log.case_known", "referral", [request_id])


async def _mark(unit: Unit, referral_id: UUID) -> UUID:
    """A keyed mark of one referral that only this school can make."""
    return UUID(bytes=(await vault.fingerprint(unit, "referral_log", str(referral_id)))[:16])
