"""What is typed and not sent. No column tells who wrote, what about, or at what time of the day (S-13, S-18)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow


class FormDraft(TenantRow, Base):
    """One person's draft of one form; the id is a fingerprint of both, so that there is one row.

    `form` is the fingerprint of person and address. An emptied row (`content` is null) remembers in `page` which
    rendering was sent or discarded: an autosave that arrives late must not bring the text back.
    """

    __tablename__ = "form_draft"

    form: Mapped[bytes]
    content: Mapped[bytes | None]
    page: Mapped[bytes]
    expires_at: Mapped[datetime]


class Stash(Base):
    """A form that came when its session had ended. Half of its key is in the browser that sent it, nowhere else."""

    __tablename__ = "stash"
    __tenancy__: ClassVar[Tenancy] = "platform"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    expires_at: Mapped[datetime]
