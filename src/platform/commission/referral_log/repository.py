"""Queries of the commission's own record."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from src.platform.access.relations import scope
from src.platform.commission import repository as commission
from src.platform.commission.models import Assessment
from src.platform.db.unit import Unit
from src.platform.kit.cursor import Place
from src.platform.referrals.models import Referral, ReferralLogEntry
from src.platform.vault import service as vault

RELATIONS = commission.RELATIONS


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with the commission's case of the child and the sealed request that began it, where there is one."""

    row: ReferralLogEntry
    total: int
    case_id: UUID | None
    sealed_request: bytes | None


async def page(
    unit: Unit,
    *,
    school: UUID | None,
    month: int | None,
    service: UUID | None,
    after: Place | None,
    most: int,
) -> tuple[list[Entry], int]:
    """The newest rows that fit, and how many fit at all; what a correction replaced is no row any more."""
    asked = {
        ReferralLogEntry.tenant_id: school,
        ReferralLogEntry.month: month,
        ReferralLogEntry.service: service,
    }
    fits: list[ColumnElement[bool]] = [column == value for column, value in asked.items() if value is not None]
    fits += [
        ReferralLogEntry.peer_tenant_id == unit.tenant_id,
        ReferralLogEntry.replaced_at.is_(None),
        scope(unit.me.roles, "referral_log_entry.read"),
    ]
    is_case = and_(Assessment.id == ReferralLogEntry.request_id, scope(unit.me.roles, "assessment.read"))
    counted = select(func.count()).select_from(ReferralLogEntry).where(*fits).cte("counted")
    shown = fits if after is None else [*fits, tuple_(ReferralLogEntry.entered_at, ReferralLogEntry.id) < after]
    listed = select(ReferralLogEntry.id).where(*shown)
    listed = listed.order_by(ReferralLogEntry.entered_at.desc(), ReferralLogEntry.id.desc()).limit(most)
    query = (
        select(counted.c[0], ReferralLogEntry, Assessment.id, Referral.sealed_slice)
        .select_from(counted)
        .outerjoin(ReferralLogEntry, and_(ReferralLogEntry.id.in_(listed), *fits))
        .outerjoin(Assessment, is_case)
        .outerjoin(Referral, and_(Referral.id == Assessment.id, Referral.tenant_id == ReferralLogEntry.tenant_id))
        .order_by(ReferralLogEntry.entered_at.desc(), ReferralLogEntry.id.desc())
    )
    found: list[Any] = list((await unit.session.execute(query, await vault.facts(unit))).all())
    return [Entry(row, total, case_id, sealed) for total, row, case_id, sealed in found if row], found[0][0]
