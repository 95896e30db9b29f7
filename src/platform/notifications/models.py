"""Messages in the application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped

from src.platform.db.base import Base, TenantRow


class Notification(TenantRow, Base):
    """One message to one member: what kind of thing waits, and where."""

    __tablename__ = "notification"

    membership_id: Mapped[UUID]
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
