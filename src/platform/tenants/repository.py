"""Every query of the module."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.tenants.models import District, Membership, Tenant, TenantSetting


async def tenant(unit: Unit, tenant_id: UUID) -> Tenant | None:
    """One organisation."""
    return await unit.session.get(Tenant, tenant_id)


async def tenants(unit: Unit, kinds: Collection[str] | None = None) -> list[Tenant]:
    """Organisations by code, of some kinds or of all."""
    return await together.rows(unit.session, all_tenants(kinds))


def all_tenants(kinds: Collection[str] | None = None) -> Read[Tenant]:
    """The organisations of the region by code, of some kinds or of all."""
    query = select(Tenant).order_by(Tenant.code)
    if kinds is None:
        return Read(("tenants",), query)
    return Read(("tenants", *sorted(kinds)), query.where(Tenant.kind.in_(kinds)))


async def districts(unit: Unit) -> list[District]:
    """All districts."""
    return list((await unit.session.scalars(select(District).order_by(District.name_kk))).all())


async def suspend(unit: Unit, tenant_id: UUID, at: datetime) -> bool:
    """Suspend an active organisation; False when it was not active."""
    done = await unit.session.execute(
        update(Tenant)
        .where(Tenant.id == tenant_id, Tenant.status == "active")
        .values(status="suspended", suspended_at=at, version=Tenant.version + 1)
        .returning(Tenant.id)
    )
    return done.one_or_none() is not None


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
    """Every living membership of the unit's organisation."""
    return Read(("members",), select(Membership).where(Membership.ended_at.is_(None)).order_by(Membership.id))


async def language_of(unit: Unit, user_id: UUID) -> str:
    """The language of a user; the table belongs to accounts, which stand above."""
    query = text("select language from users where id = :id")
    return str((await unit.session.execute(query, {"id": user_id})).scalar_one())


async def settings(unit: Unit) -> dict[str, Any]:
    """The values that the organisation chose."""
    return {row.name: row.value for row in await together.rows(unit.session, all_settings())}


def all_settings() -> Read[TenantSetting]:
    """Every value that the organisation chose."""
    return Read(("settings",), select(TenantSetting))


async def save_setting(unit: Unit, name: str, value: Any) -> None:  # a setting is any JSON value
    """Write one value."""
    query = insert(TenantSetting).values(tenant_id=unit.tenant_id, name=name, value=value)
    await unit.session.execute(query.on_conflict_do_update(index_elements=["tenant_id", "name"], set_={"value": value}))
