"""A piece of long work and what it has made so far. Nothing here names or describes anybody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class LongWork(TenantRow, Base):
    """Who asked for what, and how far it is: `done` of `total` is also the place from which it goes on.

    `subject_id` and `number` say what it is about, `plan` which records it goes through, `turn` which call of the
    worker is the next one: a call of another turn has nothing to do. `failure` is a text to be translated.
    """

    __tablename__ = "long_work"

    membership_id: Mapped[UUID]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    number: Mapped[int]
    plan: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    state: Mapped[str]
    turn: Mapped[int]
    done: Mapped[int]
    total: Mapped[int]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


class LongWorkPart(TenantRow, Base):
    """A sealed file that one step made; all of them are taken away together when their time is over."""

    __tablename__ = "long_work_part"

    work_id: Mapped[UUID]
    number: Mapped[int]
    name: Mapped[str]
    content: Mapped[bytes]
