"""Holds, confirmed destructions, and the ledger of what was erased: ids and numbers, no identity."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class Hold(TenantRow, Base):
    """A record that must not be destroyed: why (sealed), who said so, until when; no day is until it is lifted."""

    __tablename__ = "retention_hold"

    incident_id: Mapped[UUID]
    reason: Mapped[bytes]
    until: Mapped[date | None]
    placed_by: Mapped[UUID]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]


class Destruction(TenantRow, Base):
    """A list that a person confirmed."""

    __tablename__ = "destruction"

    kind: Mapped[str]
    rules: Mapped[list[str]]
    years: Mapped[int]
    confirmed_by: Mapped[UUID]
    confirmed_at: Mapped[datetime]
    total: Mapped[int]


class Erasure(TenantRow, Base):
    """One record of such a list; erased, or kept because a hold came meanwhile. It outlives the record."""

    __tablename__ = "erasure"

    destruction_id: Mapped[UUID]
    record_id: Mapped[UUID]
    number: Mapped[str]
    closed_on: Mapped[date]
    erased_at: Mapped[datetime | None]
    kept_because: Mapped[str | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
