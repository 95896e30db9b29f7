"""Invitations. The code itself is on paper only; here is its keyed fingerprint."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow


class Invitation(TenantRow, Base):
    """One person may come in, once, with these roles. `made_by` is empty where the command line invited."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("tenant_id", "code_blind"),)

    code_blind: Mapped[bytes]
    roles: Mapped[list[str]]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    membership_id: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class InvitationCode(Base):
    """Which organisation a code leads to; the application may add lines and read none."""

    __tablename__ = "invitation_code"
    __tenancy__: ClassVar[Tenancy] = "platform"

    code_blind: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
