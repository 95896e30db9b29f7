"""What an organisation offers: its own to write, everybody's in the region to read."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class ServiceCatalogue(Base):
    """An organisation's office and its services, by kind: `{"text": …, "districts": […]}`; no district is everywhere.

    Nothing of it is about a child, and a contact person is named as an office is: who may be asked for. The database
    lets every organisation read it and only its own write it.
    """

    __tablename__ = "service_catalogue"
    __tenancy__: ClassVar[Tenancy] = "platform"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    address: Mapped[str]
    phone: Mapped[str]
    contact_person: Mapped[str]
    hours: Mapped[str]
    services: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
