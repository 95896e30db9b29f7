"""Tokens of programs and what their keyed requests led to; no secret is here, only fingerprints."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow


class ApiToken(TenantRow, Base):
    """What a program of the organisation may do for the member who made it; pages show its last use by the day."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("tenant_id", "token_hash"),)

    membership_id: Mapped[UUID]
    name: Mapped[bytes]
    scopes: Mapped[list[str]]
    token_hash: Mapped[bytes]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_on: Mapped[date | None]
    used_hour: Mapped[datetime | None]
    used: Mapped[int] = mapped_column(server_default="0")
    revoked_at: Mapped[datetime | None]


class ApiTokenCode(Base):
    """Which organisation a token leads to; the application may add lines and read none."""

    __tablename__ = "api_token_code"
    __tenancy__: ClassVar[Tenancy] = "platform"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]


class ApiAnswer(TenantRow, Base):
    """Where a keyed request led; the id is a fingerprint of token and key, `request` one of what was sent."""

    __tablename__ = "api_answer"

    request: Mapped[bytes]
    location: Mapped[str | None]
    expires_at: Mapped[datetime]
