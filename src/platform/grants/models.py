"""One row for each request; its state follows from who decided what, and from the hour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class AccessGrant(TenantRow, Base):
    """A request of a member: `names` asks who one person of a record is, `glass` asks for the record itself.

    `record_id` is empty where the number that was typed leads nowhere for this asker: nobody but the asker sees such
    a request, and the asker sees no difference. `owner_id` is the participation or report, `owner_word` the word of
    its code; `typed` and `reason` are sealed. `needed`: how many others must agree.
    """

    __tablename__ = "access_grant"

    kind: Mapped[str]
    resource: Mapped[str]
    record_id: Mapped[UUID | None]
    owner_id: Mapped[UUID | None]
    owner_word: Mapped[str] = mapped_column(server_default="")
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    typed: Mapped[bytes]
    fields: Mapped[list[str]]
    classes: Mapped[list[str]]
    purpose: Mapped[str]
    reason: Mapped[bytes]
    hours: Mapped[int]
    needed: Mapped[int]
    first_by: Mapped[UUID | None]
    first_at: Mapped[datetime | None]
    second_by: Mapped[UUID | None]
    second_at: Mapped[datetime | None]
    refused_by: Mapped[UUID | None]
    refused_at: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    reviewed_by: Mapped[UUID | None]
    reviewed_at: Mapped[datetime | None]
    review: Mapped[bytes | None]
    version: Mapped[int] = mapped_column(server_default="1")
