"""Organisations: create, suspend, ask; roles of their members; their settings."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.together import Standing
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.outbox.service import Argument
from src.platform.tenants import keys, repository
from src.platform.tenants.errors import (
    AlreadySuspendedError,
    CodeTakenError,
    DistrictExistsError,
    NotSuspendedError,
    OperatorStaysError,
)
from src.platform.tenants.events import Alert
from src.platform.tenants.models import District, Membership, Tenant
from src.platform.tenants.schemas import (
    Employee,
    Member,
    NewDistrict,
    NewOrganisation,
    Organisation,
)
from src.platform.tenants.settings import DEFAULTS

OPERATOR, SCHOOL = "region_operator", "school"
OPEN_PERIODS = "deadlines.open_periods"
"""The actor that begins weekly and monthly duties; it stands above this module, so only its name is known here."""
_SHAPES = (
    ("code", "[a-z0-9]{3,12}", N_("Use 3–12 small Latin letters or digits")),
    ("slug", "[a-z0-9-]{3,60}", N_("Use 3–60 small Latin letters, digits or hyphens")),
)
_PROVISION = "select tenant_provision(%(tenant)s, %(purposes)s, %(masters)s, %(wrapped)s)"


async def create(unit: Unit, new: NewOrganisation) -> UUID:
    """Create an organisation with fresh keys. Raises CodeTakenError."""
    access.require(unit, "tenant.create")
    return await provision(unit, new)


async def provision(unit: Unit, new: NewOrganisation) -> UUID:
    """Create an organisation from the region operator's context; the command line has no person to ask for.

    Raises CodeTakenError, Invalid for a code or an address that could not be typed.
    """
    _check_shape(new)
    tenant_id = new_id()
    made = keys.make(tenant_id)
    row = Tenant(
        id=tenant_id,
        recipient_key=made.recipient_public,
        created_at=clock.now(),
        status="active",
        version=1,
        kind=new.kind,
        code=new.code,
        slug=new.slug,
        name_kk=new.name_kk,
        name_ru=new.name_ru,
        name_en=new.name_en,
        district_id=new.district_id,
    )
    try:
        async with unit.session.begin_nested():  # the code or the address may be taken: that is this verb's answer
            unit.session.add(row)
    except IntegrityError as error:
        raise CodeTakenError from error
    connection = await unit.session.connection()
    await connection.exec_driver_sql(
        _PROVISION,
        {
            "tenant": tenant_id,
            "purposes": [one.purpose for one in made.wrapped],
            "masters": [one.master for one in made.wrapped],
            "wrapped": [one.wrapped for one in made.wrapped],
        },
    )
    if new.kind == SCHOOL:
        at = clock.now()
        today = int(f"{clock.local_date(at):%Y%m%d}")
        await outbox.emit(unit, "monthly.joined", {}, target_tenant=tenant_id)
        await outbox.emit(unit, "retention.look", {}, target_tenant=tenant_id)
        await outbox.emit(unit, "readership.look", {"since": 0}, target_tenant=tenant_id)
        await outbox.wake(unit, at, OPEN_PERIODS, {"day": today}, target_tenant=tenant_id)
    elif new.kind != OPERATOR:
        await outbox.emit(unit, "catalogue.open_year", {}, target_tenant=tenant_id)
    audit.record(unit, "tenant.created", "tenant", [tenant_id])
    return tenant_id


async def suspend(unit: Unit, tenant_id: UUID, version: int) -> None:
    """Suspend an organisation: its people are signed out at once, its clocks go on (S-23)."""
    access.require(unit, "tenant.suspend")
    await set_suspended(unit, tenant_id, version)


async def set_suspended(unit: Unit, tenant_id: UUID, version: int | None = None) -> None:
    """The same from the region operator's context without a person.

    Raises NotFound, OperatorStaysError, AlreadySuspendedError, StaleVersion.
    """
    row = await _tenant(unit, tenant_id)
    if row.kind == OPERATOR:
        raise OperatorStaysError
    if row.status == "suspended":
        raise AlreadySuspendedError
    if not await repository.set_status(
        unit, tenant_id, row.version if version is None else version, "suspended", clock.now()
    ):
        raise StaleVersion
    await repository.end_sessions_in(unit, tenant_id)
    audit.record(unit, "tenant.suspended", "tenant", [tenant_id])


async def resume(unit: Unit, tenant_id: UUID, version: int) -> None:
    """Let a suspended organisation go on; its people sign in again. Raises NotSuspendedError, StaleVersion."""
    access.require(unit, "tenant.suspend")
    await set_resumed(unit, tenant_id, version)


async def set_resumed(unit: Unit, tenant_id: UUID, version: int | None = None) -> None:
    """The same from the region operator's context without a person."""
    row = await _tenant(unit, tenant_id)
    if row.status != "suspended":
        raise NotSuspendedError
    if not await repository.set_status(unit, tenant_id, row.version if version is None else version, "active", None):
        raise StaleVersion
    audit.record(unit, "tenant.resumed", "tenant", [tenant_id])


async def create_district(unit: Unit, new: NewDistrict) -> UUID:
    """Add a district of the region. Raises DistrictExistsError."""
    access.require(unit, "district.keep")
    row = District(id=new_id(), name_kk=new.name_kk, name_ru=new.name_ru, name_en=new.name_en, version=1)
    try:
        async with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError as error:
        raise DistrictExistsError from error
    audit.record(unit, "district.created", "district", [row.id])
    return row.id


async def rename_district(unit: Unit, district_id: UUID, version: int, new: NewDistrict) -> None:
    """Call a district by other names. Raises NotFound, DistrictExistsError, StaleVersion."""
    access.require(unit, "district.keep")
    if await repository.district(unit, district_id) is None:
        raise NotFound
    names = {"name_kk": new.name_kk, "name_ru": new.name_ru, "name_en": new.name_en}
    try:
        async with unit.session.begin_nested():
            done = await repository.rename_district(unit, district_id, version, names)
    except IntegrityError as error:
        raise DistrictExistsError from error
    if not done:
        raise StaleVersion
    audit.record(unit, "district.renamed", "district", [district_id])


async def organisation(unit: Unit, tenant_id: UUID) -> Organisation:
    """One organisation's public face. Raises NotFound."""
    return _face(await _tenant(unit, tenant_id))


async def organisations(unit: Unit, kinds: Collection[str] | None = None) -> Standing[Organisation]:
    """The public faces of organisations, by code: the same object as long as the region stands as it does."""
    return _faces(await repository.tenants(unit), None if kinds is None else frozenset(kinds))


@lru_cache(maxsize=64)
def _faces(rows: Standing[Tenant], kinds: frozenset[str] | None) -> Standing[Organisation]:
    if kinds is None:
        return Standing(map(_face, rows))
    return Standing(one for one in _faces(rows, None) if one.kind in kinds)


async def district_names(unit: Unit) -> dict[UUID, str]:
    """Districts in the reader's language."""
    return {d.id: getattr(d, f"name_{unit.language}") for d in await repository.districts(unit)}


async def member(unit: Unit, membership_id: UUID) -> Member:
    """One living member of the unit's organisation. Raises NotFound."""
    found = await repository.members(unit, ids=[membership_id])
    if not found:
        raise NotFound
    return _member(found[0])


async def members(unit: Unit, ids: Collection[UUID] | None = None) -> list[Member]:
    """Living members of the unit's organisation."""
    return [_member(m) for m in await repository.members(unit, ids=ids)]


async def members_with_role(unit: Unit, role: str) -> list[Member]:
    """Living members that hold a role."""
    return [_member(m) for m in await repository.members(unit, role=role)]


async def add_member(unit: Unit, user_id: UUID, person_id: UUID, roles: Collection[str]) -> UUID:
    """Let a user work here. The caller has made the person in the vault."""
    row = Membership(
        tenant_id=unit.tenant_id,
        id=new_id(),
        user_id=user_id,
        person_id=person_id,
        roles=sorted(roles),
        since=clock.now(),
        version=1,
    )
    unit.session.add(row)
    connection = await unit.session.connection()
    await connection.exec_driver_sql(
        "insert into user_tenant values (%(user)s, %(tenant)s) on conflict do nothing",
        {"user": user_id, "tenant": unit.tenant_id},
    )
    audit.record(unit, "membership.added", "membership", [row.id])
    return row.id


async def lock_members(unit: Unit) -> list[Employee]:
    """Everybody who works here, as it is now; nobody comes, goes or changes until the transaction ends."""
    await repository.lock_members(unit)
    return [_employee(row) for row in await repository.memberships_now(unit)]


async def employees(unit: Unit) -> list[Employee]:
    """Everybody who works here, for who keeps them."""
    return [_employee(row) for row in await repository.members(unit)]


async def former_person(unit: Unit, user_id: UUID) -> UUID | None:
    """The person in the vault that a user was when they worked here before."""
    return await repository.former_person(unit, user_id)


async def assign_roles(unit: Unit, membership_id: UUID, version: int, roles: Collection[str]) -> None:
    """Give a member exactly these roles. Raises StaleVersion."""
    if not await repository.write_member(unit, membership_id, version, roles=sorted(roles)):
        raise StaleVersion
    audit.record(unit, "membership.roles_changed", "membership", [membership_id])


async def end_membership(unit: Unit, membership_id: UUID, version: int, user_id: UUID) -> None:
    """Somebody no longer works here; the caller ends what they were doing. Raises StaleVersion."""
    if not await repository.write_member(unit, membership_id, version, ended_at=clock.now()):
        raise StaleVersion
    await repository.forget_place(unit, user_id)
    audit.record(unit, "membership.ended", "membership", [membership_id])


async def grant_role(unit: Unit, membership_id: UUID, role: str) -> None:
    """Add a role to a member; twice is the same as once. Raises NotFound."""
    await _change_roles(unit, membership_id, add=frozenset({role}))


async def revoke_role(unit: Unit, membership_id: UUID, role: str) -> None:
    """Take a role away; the next request of that person is without it. Raises NotFound."""
    await _change_roles(unit, membership_id, remove=frozenset({role}))


async def language_of(unit: Unit, user_id: UUID) -> str:
    """The language a user chose."""
    return await repository.language_of(unit, user_id)


async def setting(unit: Unit, name: str) -> Any:  # a setting is any JSON value
    """The organisation's value or the default. Raises KeyError for an unknown name."""
    default = DEFAULTS[name]
    return (await repository.settings(unit)).get(name, default)


async def alert_commission(unit: Unit, why: Alert) -> None:
    """Tell the commission of the district, else of the region, that this school cannot go on alone (decisions 17)."""
    commission = await nearest(unit, {"commission"})
    if commission is None:
        audit.record(unit, "commission.missing", "tenant", [unit.tenant_id])
        return
    args: dict[str, Argument] = {"school": unit.tenant_id, "why": why}
    await outbox.emit(unit, "notifications.alert_commission", args, target_tenant=commission.id)
    audit.record(unit, "commission.alerted", "tenant", [unit.tenant_id], detail={"why": why.value})


async def nearest(unit: Unit, kinds: Collection[str]) -> Organisation | None:
    """The working organisation of some kinds that is in charge here: of the own district, else of the region."""
    mine = await organisation(unit, unit.tenant_id)
    known = [one for one in await organisations(unit, kinds) if one.status == "active"]
    near = [one for one in known if one.district_id == mine.district_id] or known
    return near[0] if near else None


async def change_setting(unit: Unit, name: str, value: Any) -> None:  # a setting is any JSON value
    """Choose a value. Raises KeyError for an unknown name."""
    if name not in DEFAULTS:
        raise KeyError(name)
    await repository.save_setting(unit, name, value)
    audit.record(unit, "setting.changed", "tenant", [unit.tenant_id], detail={"name": name})


async def _change_roles(
    unit: Unit, membership_id: UUID, *, add: frozenset[str] = frozenset(), remove: frozenset[str] = frozenset()
) -> None:
    row = await repository.locked_member(unit, membership_id)
    if row is None:
        raise NotFound
    wanted = sorted((set(row.roles) | add) - remove)
    if wanted == row.roles:
        return
    row.roles, row.version = wanted, row.version + 1
    audit.record(unit, "membership.roles_changed", "membership", [membership_id])


def _check_shape(new: NewOrganisation) -> None:
    complaints = [
        FieldError(field, "not_in_shape", message)
        for field, shape, message in _SHAPES
        if not re.fullmatch(shape, getattr(new, field))
    ]
    if complaints:
        raise Invalid(fields=complaints)


async def _tenant(unit: Unit, tenant_id: UUID) -> Tenant:
    found = await repository.tenant(unit, tenant_id)
    if found is None:
        raise NotFound
    return found


def _employee(row: Membership) -> Employee:
    return Employee(
        membership_id=row.id,
        user_id=row.user_id,
        person_id=row.person_id,
        roles=list(row.roles),
        since=row.since,
        version=row.version,
    )


def _face(row: Tenant) -> Organisation:
    return Organisation(
        id=row.id,
        kind=row.kind,
        code=row.code,
        slug=row.slug,
        name_kk=row.name_kk,
        name_ru=row.name_ru,
        name_en=row.name_en,
        district_id=row.district_id,
        status=row.status,
        recipient_key=row.recipient_key,
    )


def _member(row: Membership) -> Member:
    return Member(membership_id=row.id, user_id=row.user_id, person_id=row.person_id, roles=frozenset(row.roles))


KINDS = frozenset(
    {
        "school",
        "residential_institution",
        "commission",
        "education_department",
        "methodological_service",
        "child_rights_department",
        "internal_affairs",
        "juvenile_police_unit",
        "prosecutor_office",
        "guardianship_body",
        "health_department",
        "medical_institution",
        "mental_health_service",
        "narcology_service",
        "labour_social_department",
        "support_service_provider",
        "family_support_centre",
        "rehabilitation_centre",
        "adaptation_centre",
        "ngo",
        "region_operator",
    }
)
"""Kinds of organisation, by the glossary's identifiers."""


key_owner, wrapped_keys, new_keys = keys.owner, keys.wrapped, keys.made
FIRST_KEY_VERSION, LASTING_KEYS = keys.FIRST_VERSION, keys.LASTING
"""What the vault needs to open keys of an organisation and to change them."""
all_members, all_settings, all_tenants = repository.all_members, repository.all_settings, repository.all_tenants
"""Reads that a page may ask for together with its own."""
