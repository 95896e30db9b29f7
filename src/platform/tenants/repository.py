"""Every query of the module."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    any_,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import together
from src.platform.db.together import Read, Standing
from src.platform.db.unit import Unit
from src.platform.tenants.models import District, Membership, Tenant, TenantSetting


async def tenant(unit: Unit, tenant_id: UUID) -> Tenant | None:
    """One organisation, to be read and not to be changed."""
    known = together.known(unit.session, _TENANTS)
    if known is None:
        return await unit.session.get(Tenant, tenant_id)
    return next((one for one in known if one.id == tenant_id), None)


async def tenants(unit: Unit) -> Standing[Tenant]:
    """The organisations of the region by code."""
    return await together.standing(unit.session, _TENANTS)


_EDITION = select(cast(column("edition"), Text)).select_from(table("platform_state")).scalar_subquery()
_TENANTS = Read(("tenants",), select(Tenant).order_by(Tenant.code), {}, stands=_EDITION)
_COLLEAGUES = select(Membership).where(Membership.ended_at.is_(None), Membership.family.is_(False))
_MEMBERS = Read(("members",), _COLLEAGUES.order_by(Membership.id), {})
_SETTINGS = Read(("settings",), select(TenantSetting), {}, lasting=True)


def all_tenants() -> Read[Tenant]:
    """The organisations of the region by code."""
    return _TENANTS


async def districts(unit: Unit) -> list[District]:
    """All districts."""
    return list((await unit.session.scalars(select(District).order_by(District.name_kk))).all())


async def district(unit: Unit, district_id: UUID) -> District | None:
    """One district."""
    return await unit.session.get(District, district_id)


async def rename_district(unit: Unit, district_id: UUID, version: int, names: Mapping[str, str]) -> bool:
    """Rename a district if nobody did since `version`."""
    done = await unit.session.execute(
        update(District)
        .where(District.id == district_id, District.version == version)
        .values(**names, version=District.version + 1)
        .returning(District.id)
    )
    return done.one_or_none() is not None


async def set_status(unit: Unit, tenant_id: UUID, version: int, status: str, suspended_at: datetime | None) -> bool:
    """Suspend or resume an organisation if nobody changed it since `version`."""
    done = await unit.session.execute(
        update(Tenant)
        .where(Tenant.id == tenant_id, Tenant.version == version)
        .values(status=status, suspended_at=suspended_at, version=Tenant.version + 1)
        .returning(Tenant.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def end_sessions_in(unit: Unit, tenant_id: UUID) -> None:
    """End every session in an organisation; the table belongs to accounts, which stand above."""
    await unit.session.execute(text("delete from user_session where tenant_id = :id"), {"id": tenant_id})


async def lock_members(unit: Unit) -> None:
    """Changes of who works here come one after the other, until the end of the transaction."""
    key = func.hashtextextended(f"members|{unit.tenant_id}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(key)))


async def memberships_now(unit: Unit) -> list[Membership]:
    """Living memberships as they are after waiting for the lock, whatever was read before."""
    query = all_members().query.execution_options(populate_existing=True)
    return list((await unit.session.scalars(query)).all())


async def locked_member(unit: Unit, membership_id: UUID) -> Membership | None:
    """One living membership as it is now, locked; what this transaction changed of it is written first."""
    await unit.session.flush()
    query = select(Membership).where(Membership.id == membership_id, Membership.ended_at.is_(None)).with_for_update()
    return (await unit.session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def former_person(unit: Unit, user_id: UUID) -> UUID | None:
    """The person that a user was here the last time."""
    query = select(Membership.person_id).where(Membership.user_id == user_id).order_by(Membership.since.desc()).limit(1)
    return (await unit.session.scalars(query)).one_or_none()


async def write_member(unit: Unit, membership_id: UUID, version: int, **changes: object) -> bool:
    """Change a living membership if nobody did since `version`."""
    done = await unit.session.execute(
        update(Membership)
        .where(Membership.id == membership_id, Membership.version == version, Membership.ended_at.is_(None))
        .values(version=Membership.version + 1, **changes)
        .returning(Membership.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def forget_place(unit: Unit, user_id: UUID) -> None:
    """This organisation is no longer one that the user may choose."""
    await unit.session.execute(
        text("delete from user_tenant where user_id = :user and tenant_id = :tenant"),
        {"user": user_id, "tenant": unit.tenant_id},
    )


async def members(unit: Unit, *, role: str | None = None, ids: Collection[UUID] | None = None) -> list[Membership]:
    """Living memberships of the unit's organisation."""
    everybody = all_members()
    if role is None and ids is None:
        return await together.rows(unit.session, everybody)
    query = everybody.query
    if role is not None:
        query = query.where(literal(role) == any_(Membership.roles))
    if ids is not None:
        query = query.where(Membership.id.in_(ids))
    return list((await unit.session.scalars(query)).all())


def all_members() -> Read[Membership]:
    """Everybody who works in the unit's organisation; students and parents are nobody's colleagues."""
    return _MEMBERS


async def families(unit: Unit, person_ids: Collection[UUID]) -> list[tuple[Membership, bool]]:
    """Living accounts of students and parents of these people, and whether they have chosen a password.

    That stands in a table of accounts, which are above.
    """
    chosen: ColumnElement[bool] = literal_column(
        "(select not u.must_change_password from users u where u.id = membership.user_id)", Boolean
    )
    query = select(Membership, chosen).where(
        Membership.ended_at.is_(None), Membership.family, Membership.person_id.in_(person_ids)
    )
    rows = (await unit.session.execute(query.execution_options(populate_existing=True))).all()
    return [(row[0], row[1]) for row in rows]


async def is_family(unit: Unit, user_id: UUID) -> bool:
    """Whether a user has a living account of a student or parent here."""
    query = select(Membership.id).where(Membership.user_id == user_id, Membership.family, Membership.ended_at.is_(None))
    return (await unit.session.scalars(query)).first() is not None


async def add_families(unit: Unit, rows: list[dict[str, object]]) -> None:
    """Let many users in as students and parents, in two statements."""
    await unit.session.execute(insert(Membership), rows)
    connection = await unit.session.connection()
    await connection.exec_driver_sql(
        "insert into user_tenant select unnest(%(users)s::uuid[]), %(tenant)s",
        {"users": [row["user_id"] for row in rows], "tenant": unit.tenant_id},
    )


async def end_families(unit: Unit, membership_ids: Collection[UUID], at: datetime) -> list[UUID]:
    """End accounts of students and parents; the users, who may choose this organisation no longer."""
    done = await unit.session.execute(
        update(Membership)
        .where(Membership.id.in_(membership_ids), Membership.family, Membership.ended_at.is_(None))
        .values(ended_at=at, version=Membership.version + 1)
        .returning(Membership.user_id)
        .execution_options(synchronize_session=False)
    )
    users = list(done.scalars().all())
    await unit.session.execute(
        text("delete from user_tenant where user_id = any(:users) and tenant_id = :tenant"),
        {"users": users, "tenant": unit.tenant_id},
    )
    return users


async def language_of(unit: Unit, user_id: UUID) -> str:
    """The language of a user; the table belongs to accounts, which stand above."""
    query = text("select language from users where id = :id")
    return str((await unit.session.execute(query, {"id": user_id})).scalar_one())


async def settings(unit: Unit) -> dict[str, Any]:
    """The values that the organisation chose."""
    return {row.name: row.value for row in await together.rows(unit.session, all_settings())}


def all_settings() -> Read[TenantSetting]:
    """Every value that the organisation chose."""
    return _SETTINGS


async def save_setting(unit: Unit, name: str, value: Any) -> None:  # a setting is any JSON value
    """Write one value."""
    query = insert(TenantSetting).values(tenant_id=unit.tenant_id, name=name, value=value)
    await unit.session.execute(query.on_conflict_do_update(index_elements=["tenant_id", "name"], set_={"value": value}))
    together.forget(unit.session)
