"""Messages, and where and when their e-mails go."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class Notification(TenantRow, Base):
    """One message to one member: what kind of thing waits, and where.

    `mail_at` is set while it waits for a digest or the end of quiet hours, `mailed_at` when the mail server took it.
    """

    __tablename__ = "notification"

    membership_id: Mapped[UUID]
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    mail_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class MailBox(TenantRow, Base):
    """How a member wants e-mail; `id` is the membership's. The address itself stands in the vault.

    `waiting` is a sealed address with its code of the real time `sent_at`, the `asked`-th since `asked_at`; `confirmed`
    the fingerprint of the address that was proved; `refused` and `code_refused` the server's number when it would not
    take mail for it.
    """

    __tablename__ = "mail_box"

    mode: Mapped[str | None]
    digest_at: Mapped[int | None]
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    waiting: Mapped[bytes | None]
    asked_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(server_default="0")
    tries: Mapped[int] = mapped_column(server_default="0")
    code_refused: Mapped[int | None]
    confirmed: Mapped[bytes | None]
    confirmed_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    refused: Mapped[int | None]
