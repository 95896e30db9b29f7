"""The case of a child. Opening it grants nothing of the incident, and the other way round (R-051)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class ChildCase(TenantRow, Base):
    """A child on one side of one incident, and who manages the case; a victim is monitored after closing (R-246)."""

    __tablename__ = "child_case"

    incident_id: Mapped[UUID]
    participation_id: Mapped[UUID]
    side: Mapped[str]
    link: Mapped[bytes]
    link_blind: Mapped[bytes]
    state: Mapped[str]
    manager: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    monitored_since: Mapped[datetime | None]
    violence_stopped_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class MonitoringNote(TenantRow, Base):
    """What was seen of a victim since; the one that says that violence has stopped ends the monitoring (N24, R-246)."""

    __tablename__ = "monitoring_note"

    case_id: Mapped[UUID]
    noted_at: Mapped[datetime]
    author: Mapped[UUID]
    text: Mapped[bytes]
    stopped: Mapped[bool]
