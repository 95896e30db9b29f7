"""Obligations: one running or ended clock each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class Obligation(TenantRow, Base):
    """Who owes what by when. `period` tells weeks apart; the missed ones keep their real times for ever."""

    __tablename__ = "obligation"
    __table_args__ = (UniqueConstraint("tenant_id", "code", "subject_id", "period"),)

    code: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    period: Mapped[str] = mapped_column(server_default="")
    started_at: Mapped[datetime]
    target_at: Mapped[datetime]
    due_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    calendar_version: Mapped[str]
    responsible: Mapped[UUID | None]
    reminded_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
