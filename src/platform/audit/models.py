"""The chain and its head. Only `audit_append()` writes them (S-39)."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class AuditRow(Base):
    """One verb, read or denial. `actor_sealed` stands where the actor is a reporter (decisions 11)."""

    __tablename__ = "audit_log"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_sealed: Mapped[bytes | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    record_ids: Mapped[list[UUID]]
    classes: Mapped[list[str]]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]


class AuditHead(Base):
    """Where a chain stands now."""

    __tablename__ = "audit_head"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]


class AuditCheckpoint(Base):
    """All heads at one moment, signed."""

    __tablename__ = "audit_checkpoint"
    __tenancy__: ClassVar[Tenancy] = "platform"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    heads: Mapped[dict[str, Any]] = mapped_column(JSONB)
    signature: Mapped[bytes]
