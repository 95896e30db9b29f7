"""People who can sign in. No name of theirs is here: names live in the vault of each organisation."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class User(Base):
    """One person who can sign in, in whichever organisations they work."""

    __tablename__ = "users"
    __tenancy__: ClassVar[Tenancy] = "platform"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="kk")
    totp_sealed: Mapped[bytes | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    blocked_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class SignInName(Base):
    """A keyed fingerprint of what somebody types to sign in: e-mail, phone, or school code and personal code."""

    __tablename__ = "sign_in_name"
    __tenancy__: ClassVar[Tenancy] = "platform"

    blind: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class UserTenant(Base):
    """In which organisations a user works, so that switching needs no look into them."""

    __tablename__ = "user_tenant"
    __tenancy__: ClassVar[Tenancy] = "platform"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)


class RecoveryCode(Base):
    """A printed code of the second factor, by its fingerprint; one that was used stays until all are replaced."""

    __tablename__ = "recovery_code"
    __tenancy__: ClassVar[Tenancy] = "platform"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class UserSession(Base):
    """A session, by the hash of its id (S-24). Idle and absolute limits stand in begin_request()."""

    __tablename__ = "user_session"
    __tenancy__: ClassVar[Tenancy] = "platform"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    tenant_id: Mapped[UUID]
    csrf: Mapped[bytes]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
