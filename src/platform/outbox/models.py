"""The two doorbell tables of the region. The application may only insert (decisions 9)."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class OutboxRow(Base):
    """One call of one actor, in the context of `target_tenant`."""

    __tablename__ = "outbox"
    __tenancy__: ClassVar[Tenancy] = "platform"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    tenant_id: Mapped[UUID]
    target_tenant: Mapped[UUID]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    hours_only: Mapped[bool] = mapped_column(server_default="false")


class WakeRow(Base):
    """A moment of domain time at which an actor is to be called."""

    __tablename__ = "wake_at"
    __tenancy__: ClassVar[Tenancy] = "platform"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    tenant_id: Mapped[UUID]
    fired_at: Mapped[datetime | None]
