"""Phone and printed codes are lost: two people say that it is so, and the old second factor is void (S-26, ADR 39).

Who keeps the members of an organisation starts it and confirms it. Where there is one such person besides the one who
lost it, the region operator is the second; where there is none, two of the operator's people are both.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from src.platform.access import catalogue
from src.platform.access import service as access
from src.platform.accounts import second_factor
from src.platform.accounts import service as accounts
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.joining import recovery_repository as repository
from src.platform.joining import service
from src.platform.joining.errors import (
    AlreadyStartedError,
    NobodyToConfirmError,
    NothingLostError,
    NotOnlyHeadError,
    OwnFactorError,
    RecoveryOverError,
    SecondFactorFirstError,
    TwoPeopleError,
)
from src.platform.joining.events import Told
from src.platform.joining.models import SecondFactorRecovery
from src.platform.kit import clock
from src.platform.kit.errors import NotFound, StaleVersion
from src.platform.kit.ids import incident_number, new_id
from src.platform.outbox import service as outbox
from src.platform.outbox.service import Argument
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Employee
from src.platform.vault import service as vault

KEEP = "member.keep"
REASON = "second_factor_recovery.own_reason"
NOTED = "joining.recovery_noted"
State = Literal["waits", "confirmed", "withdrawn", "expired"]
ENOUGH = 2


def state_of(row: SecondFactorRecovery, now: datetime) -> State:
    """How far it is; the hour ends it by itself."""
    if row.confirmed_at is not None:
        return "confirmed"
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "waits" if now < row.expires_at else "expired"


async def start(unit: Unit, membership_id: UUID, reason: str) -> UUID:
    """Say that a colleague has lost the second factor.

    Raises NotFound, OwnFactorError, NothingLostError, AlreadyStartedError, NobodyToConfirmError.
    """
    _demand_second_factor(unit)
    staff = await service.staff_now(unit)
    target = next((one for one in staff if one.membership_id == membership_id), None)
    if target is None or not service.given(unit, target.roles):
        raise NotFound
    if target.person_id == unit.me.person_id:
        raise OwnFactorError
    peer = await _other_side(unit, len(others_who_keep(staff, target.person_id)))
    return await _begin(unit, target.user_id, target.roles, reason, peer=peer, place=unit.tenant_id)


async def start_of_only_head(unit: Unit, tenant_id: UUID, reason: str) -> UUID:
    """The same from the region operator, of the one person who heads another organisation. Raises NotOnlyHeadError."""
    access.require(unit, "tenant.create")
    _demand_second_factor(unit)
    staff, roles = await service.staff_now(unit), await _heads_of(unit, tenant_id)
    user_id = await repository.only_head(unit, tenant_id, roles)
    if user_id is None or tenant_id == unit.tenant_id:
        raise NotOnlyHeadError
    if user_id == unit.me.user_id:
        raise OwnFactorError
    if not others_who_keep(staff, unit.me.person_id):
        raise NobodyToConfirmError
    return await _begin(unit, user_id, roles, reason, peer=tenant_id, place=tenant_id)


async def confirm(unit: Unit, recovery_id: UUID, version: int) -> None:
    """Say the same as another person: secret, codes and sessions of the person end, and a new factor may be set up.

    Raises NotFound, OwnFactorError, TwoPeopleError, RecoveryOverError, NotOnlyHeadError, StaleVersion.
    """
    _demand_second_factor(unit)
    await service.staff_now(unit)
    row, now = await repository.locked(unit, recovery_id), clock.now()
    if row is None:
        raise NotFound
    await _demand_other_eyes(unit, row)
    if state_of(row, now) != "waits":
        raise RecoveryOverError
    await _demand_still_only_head(unit, row)
    if not await repository.write(unit, row, version, confirmed_by=unit.me.user_id, confirmed_at=now):
        raise StaleVersion
    await second_factor.make_void(unit, row.user_id)
    await _tell(unit, row, Told.CONFIRMED)


async def withdraw(unit: Unit, recovery_id: UUID, version: int) -> None:
    """Let it void nothing: by anybody who may take part. Raises NotFound, RecoveryOverError, StaleVersion."""
    access.require(unit, KEEP)
    row = await repository.locked(unit, recovery_id)
    if row is None:
        raise NotFound
    await _withdraw(unit, row, version)


async def deny(unit: Unit, recovery_id: UUID, version: int) -> None:
    """The same by the person who is said to have lost it, and has just given it. Raises NotFound for everybody else."""
    row = await repository.locked(unit, recovery_id)
    if row is None or row.user_id != unit.me.user_id:
        raise NotFound
    if unit.me.second_factor_at is None:
        raise SecondFactorFirstError
    await _withdraw(unit, row, version)


def others_who_keep(staff: Sequence[Employee], besides: UUID) -> set[UUID]:
    """The persons who keep the members here, without one of them; two accounts of one person are one."""
    keeping = access.roles_with(KEEP)
    return {one.person_id for one in staff if keeping & set(one.roles)} - {besides}


async def operator_of(unit: Unit) -> UUID | None:
    """The organisation of the region operator, where it is not the unit's own."""
    found = await tenants.organisations(unit, {tenants.OPERATOR})
    return next((one.id for one in found if one.id != unit.tenant_id), None)


async def _begin(unit: Unit, user_id: UUID, roles: Collection[str], reason: str, *, peer: UUID, place: UUID) -> UUID:
    now, made = clock.now(), new_id()
    if not await second_factor.is_set_up(unit, user_id):
        raise NothingLostError
    if await repository.waiting(unit, now, of_user=user_id):
        raise AlreadyStartedError
    row = SecondFactorRecovery(
        tenant_id=unit.tenant_id,
        id=made,
        peer_tenant_id=peer,
        place_id=place,
        user_id=user_id,
        roles=sorted(roles),
        number=incident_number(),
        own_reason=await vault.seal_text(unit, reason, REASON, made),
        started_by=unit.me.user_id,
        started_at=now,
        expires_at=now + timedelta(hours=await tenants.setting(unit, "recovery_hours")),
        version=1,
    )
    unit.session.add(row)
    await _tell(unit, row, Told.STARTED)
    for side in {unit.tenant_id, peer}:
        await outbox.emit(unit, "notifications.recovery_waits", {"recovery": made}, target_tenant=side)
    return made


async def _withdraw(unit: Unit, row: SecondFactorRecovery, version: int) -> None:
    if state_of(row, clock.now()) != "waits":
        raise RecoveryOverError
    if not await repository.write(unit, row, version, withdrawn_by=unit.me.user_id, withdrawn_at=clock.now()):
        raise StaleVersion
    await _tell(unit, row, Told.WITHDRAWN)


async def _tell(unit: Unit, row: SecondFactorRecovery, what: Told) -> None:
    """On record here and in the other organisation; and to the person, wherever they work."""
    audit.record(unit, f"recovery.{what.value}", "second_factor_recovery", [row.id, row.user_id])
    for side in {row.tenant_id, row.peer_tenant_id} - {unit.tenant_id}:
        await outbox.emit(unit, NOTED, {"recovery": row.id, "what": what}, target_tenant=side)
    for place in await accounts.organisations_of(unit, row.user_id):
        args: dict[str, Argument] = {"user": row.user_id, "what": what}
        await outbox.emit(unit, "notifications.second_factor_lost", args, target_tenant=place)


async def _other_side(unit: Unit, others: int) -> UUID:
    """Where the second person is looked for: here, or with the operator where nobody else here can be it."""
    if others >= ENOUGH:
        return unit.tenant_id
    operator = await operator_of(unit)
    if operator is None:
        raise NobodyToConfirmError
    return operator


async def _heads_of(unit: Unit, tenant_id: UUID) -> list[str]:
    """The roles of the kind of an organisation that keep its members. Raises NotFound."""
    kind = (await tenants.organisation(unit, tenant_id)).kind
    return sorted(access.roles_with(KEEP) & set(catalogue.roles_of(kind).all))


async def _demand_other_eyes(unit: Unit, row: SecondFactorRecovery) -> None:
    if unit.me.user_id == row.user_id or unit.me.person_id == await tenants.former_person(unit, row.user_id):
        raise OwnFactorError
    if unit.me.user_id == row.started_by or unit.me.person_id == await tenants.former_person(unit, row.started_by):
        raise TwoPeopleError


async def _demand_still_only_head(unit: Unit, row: SecondFactorRecovery) -> None:
    """Two of the operator's people are enough only as long as nobody else heads the organisation."""
    if row.tenant_id == row.place_id or row.tenant_id != unit.tenant_id:
        return
    roles = await _heads_of(unit, row.place_id)
    if await repository.only_head(unit, row.place_id, roles) != row.user_id:
        raise NotOnlyHeadError


def _demand_second_factor(unit: Unit) -> None:
    """Nobody takes a second factor away with a password alone, whatever their role asks for."""
    access.require(unit, KEEP)
    if unit.me.second_factor_at is None:
        raise SecondFactorFirstError
