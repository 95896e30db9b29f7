"""Second factors that were lost, as who may take part sees them, and as the person whose they are."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from src.platform.access import service as access
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.joining import recovery, service
from src.platform.joining import recovery_repository as repository
from src.platform.joining.models import SecondFactorRecovery
from src.platform.joining.recovery import REASON
from src.platform.joining.schemas import LostPage, LostRow, RecoveryRow, RecoveryStart, RecoveryView
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Employee
from src.platform.vault import service as vault


async def waiting(unit: Unit, now: datetime, names: Mapping[UUID, str]) -> list[RecoveryRow]:
    """Those that wait for their second person; one's own is not shown among them."""
    found = [one for one in await repository.waiting(unit, now) if one.user_id != unit.me.user_id]
    return [
        RecoveryRow(
            id=one.id,
            name=names.get(one.user_id, "") if one.place_id == unit.tenant_id else "",
            organisation=(await tenants.organisation(unit, one.place_id)).name(unit.language),
            number=one.number,
            expires_at=one.expires_at,
        )
        for one in found
    ]


async def one(unit: Unit, recovery_id: UUID) -> RecoveryView:
    """One of them. Raises NotFound alike for foreign and unknown ids (S-12)."""
    access.require(unit, recovery.KEEP)
    row = await repository.one(unit, recovery_id)
    if row is None:
        raise NotFound
    await together.prefetch(unit.session, tenants.all_members(), tenants.all_tenants())
    names = await _names(unit, await tenants.employees(unit))
    state, is_ours = recovery.state_of(row, clock.now()), row.tenant_id == unit.tenant_id
    return RecoveryView(
        id=row.id,
        number=row.number,
        name=names.get(row.user_id, "") if row.place_id == unit.tenant_id else "",
        organisation=(await tenants.organisation(unit, row.place_id)).name(unit.language),
        roles=row.roles,
        reason=await vault.open_text(unit, row.own_reason, REASON, row.id) if is_ours else "",
        started_by=names.get(row.started_by, "") if is_ours else "",
        started_at=row.started_at,
        expires_at=row.expires_at,
        state=state,
        may=_verbs(unit, row) if state == "waits" else [],
        version=row.version,
    )


async def start(unit: Unit, membership_id: UUID) -> RecoveryStart:
    """The form for a colleague; none for oneself. Raises NotFound alike for foreign, gone and unknown ids."""
    access.require(unit, recovery.KEEP)
    await together.prefetch(unit.session, tenants.all_members(), tenants.all_tenants())
    staff = await tenants.employees(unit)
    target = next((one for one in staff if one.membership_id == membership_id), None)
    if target is None or not service.given(unit, target.roles):
        raise NotFound
    others = len(recovery.others_who_keep(staff, target.person_id))
    second = "colleague" if others >= recovery.ENOUGH else "operator"
    if target.person_id == unit.me.person_id:
        second = "own"
    if second == "operator" and await recovery.operator_of(unit) is None:
        second = "nobody"
    name = (await vault.staff_names(unit, [target.person_id])).get(target.person_id, "")
    at = f"/members/{membership_id}"
    return RecoveryStart(at=f"{at}/recovery", back=at, name=name, second=second)


async def start_of_only_head(unit: Unit, tenant_id: UUID) -> RecoveryStart:
    """The form for the only head of an organisation. Raises NotFound."""
    access.require(unit, "tenant.create")
    name = (await tenants.organisation(unit, tenant_id)).name(unit.language)
    at = f"/organisations/{tenant_id}"
    return RecoveryStart(at=f"{at}/recovery", back=at, name=name, second="colleague")


async def lost(unit: Unit) -> LostPage:
    """What was started here about me."""
    found = await repository.waiting(unit, clock.now(), of_user=unit.me.user_id)
    return LostPage(
        [LostRow(id=x.id, started_at=x.started_at, expires_at=x.expires_at, version=x.version) for x in found]
    )


def _verbs(unit: Unit, row: SecondFactorRecovery) -> list[str]:
    """What the page offers; whether two accounts are one person is looked at when a verb is done."""
    return ["withdraw"] if unit.me.user_id in (row.started_by, row.user_id) else ["confirm", "withdraw"]


async def _names(unit: Unit, staff: list[Employee]) -> dict[UUID, str]:
    known = await vault.staff_names(unit, [one.person_id for one in staff])
    return {one.user_id: known.get(one.person_id, "") for one in staff}
