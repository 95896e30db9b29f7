"""What the web keeps for itself."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class SentForm(Base):
    """A form that was sent, without who sent it or when in the day (S-18); `location` is where it led."""

    __tablename__ = "sent_form"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    blind: Mapped[bytes] = mapped_column(primary_key=True)
    day: Mapped[date]
    location: Mapped[str | None]
