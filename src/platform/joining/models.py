"""Invitations, whose code is on paper only; second factors that were lost."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow, TwoPartyRow


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


class SecondFactorRecovery(TwoPartyRow, Base):
    """Somebody lost phone and codes (S-26): the author started it, either side confirms it; both may be one.

    `place_id` is where the person works, `roles` what they are there; `number` is what the two tell each other on the
    telephone. `own_reason` is for the author alone. Who did what is a user: no person of one is known to the other.
    """

    __tablename__ = "second_factor_recovery"

    place_id: Mapped[UUID]
    user_id: Mapped[UUID]
    roles: Mapped[list[str]]
    number: Mapped[str]
    own_reason: Mapped[bytes]
    started_by: Mapped[UUID]
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
