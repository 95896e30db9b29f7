"""Confirmed reports to the parents' committee."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class CommitteeReport(TenantRow, Base):
    """One version of a report of `months` months from `month` (YYYYMM) on; nobody may change such a row (R-024).

    `content` holds bands, words of option lists and facts about the team, never a person; the note is sealed.
    """

    __tablename__ = "committee_report"

    month: Mapped[int]
    months: Mapped[int]
    revision: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[bytes | None]
    reason: Mapped[bytes | None]
    confirmed_at: Mapped[datetime]
    by_membership: Mapped[UUID]
