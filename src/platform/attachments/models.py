"""Files of a record. What the file is called where it comes from is not kept: such names hold names."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class Attachment(TenantRow, Base):
    """A file: what it stands beside, and the random names under which its two sealed copies are stored.

    `from_reporter`: who reported brought it; who that is stands nowhere here.
    """

    __tablename__ = "attachment"

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    about_kind: Mapped[str]
    about_id: Mapped[UUID | None]
    kind: Mapped[str]
    size: Mapped[int]
    caption: Mapped[bytes | None]
    shows_child: Mapped[bool]
    from_reporter: Mapped[bool] = mapped_column(server_default="false")
    content_blind: Mapped[bytes]
    original: Mapped[UUID]
    served: Mapped[UUID]
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[bytes | None]


class AttachmentPart(Base):
    """A sealed piece of a stored copy."""

    __tablename__ = "attachment_part"
    __tenancy__ = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    stored_as: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]
