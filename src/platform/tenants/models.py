"""Organisations of the region and who works in them."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow


class District(Base):
    """A district of the city or oblast."""

    __tablename__ = "district"
    __tenancy__: ClassVar[Tenancy] = "platform"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")


class Tenant(Base):
    """An organisation. That it exists is public; what is in it is not."""

    __tablename__ = "tenants"
    __tenancy__: ClassVar[Tenancy] = "platform"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]
    district_id: Mapped[UUID | None] = mapped_column(ForeignKey("district.id"))
    status: Mapped[str] = mapped_column(server_default="active")
    recipient_key: Mapped[bytes]
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Membership(TenantRow, Base):
    """A person's work in one organisation, with the roles of `actors.md`; `family`: no colleague."""

    __tablename__ = "membership"

    user_id: Mapped[UUID]
    person_id: Mapped[UUID]
    roles: Mapped[list[str]]
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    family: Mapped[bool] = mapped_column(server_default="false")
    version: Mapped[int] = mapped_column(server_default="1")


class TenantSetting(Base):
    """A value that an organisation chose in place of the default."""

    __tablename__ = "tenant_setting"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


class Absence(TenantRow, Base):
    """A member is away from one day to another, both included; `deputy` stands in. `ended_at`: back earlier."""

    __tablename__ = "absence"

    membership_id: Mapped[UUID]
    first_day: Mapped[date]
    last_day: Mapped[date]
    deputy: Mapped[UUID | None]
    noted_by: Mapped[UUID]
    noted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
