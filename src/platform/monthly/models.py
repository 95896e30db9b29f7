"""A month of a school, its confirmed forms that the city keeps too, and who confirmed or reopened it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow, TwoPartyRow


class FormEMonth(TenantRow, Base):
    """One month that is over (`month` is YYYYMM); `revision` is the newest form of it, 0 before the first."""

    __tablename__ = "form_e_month"

    month: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str]
    revision: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")


class FormE(TwoPartyRow, Base):
    """A confirmed form: numbers alone, and a note sealed for each side apart. Nobody may change such a row (R-056)."""

    __tablename__ = "form_e"

    month: Mapped[int]
    revision: Mapped[int]
    numbers: Mapped[dict[str, int]] = mapped_column(JSONB)
    own_note: Mapped[bytes | None]
    peer_note: Mapped[bytes | None]
    confirmed_at: Mapped[datetime]


class FormETurn(TenantRow, Base):
    """Who confirmed a form or opened it again, with the sealed reason; the city does not have this row."""

    __tablename__ = "form_e_turn"

    month_id: Mapped[UUID]
    revision: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]
    by_membership: Mapped[UUID]
    reason: Mapped[bytes | None]
