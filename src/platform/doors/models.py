"""Receipts and counters. Nothing here holds a moment finer than an hour, or anything of a visitor (S-18)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class ReportReceipt(Base):
    """Which report a code opens; the application may add lines and read none, `receipt_report()` answers."""

    __tablename__ = "report_receipt"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_blind: Mapped[bytes] = mapped_column(primary_key=True)
    report_id: Mapped[UUID]


class DoorUse(Base):
    """How often something was done in an hour, in one school or in all; the bucket is a keyed fingerprint."""

    __tablename__ = "door_use"
    __tenancy__: ClassVar[Tenancy] = "platform"

    bucket: Mapped[bytes] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int]
