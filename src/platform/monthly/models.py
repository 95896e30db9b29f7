"""Months of a school, their confirmed forms, and who confirmed or reopened them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow, TwoPartyRow


class FormMonth(TenantRow, Base):
    """One month that is over (`month` is YYYYMM); `revision` is the newest form of it, 0 before the first."""

    __abstract__ = True

    month: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str]
    revision: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")


class FormTurn(TenantRow, Base):
    """Who confirmed a form or opened it again, with the sealed reason; no other organisation has this row."""

    __abstract__ = True

    month_id: Mapped[UUID]
    revision: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]
    by_membership: Mapped[UUID]
    reason: Mapped[bytes | None]


class FormEMonth(FormMonth):
    """A month of Form E."""

    __tablename__ = "form_e_month"


class FormE(TwoPartyRow, Base):
    """A confirmed form: numbers alone, and a note sealed for each side apart. Nobody may change such a row (R-056)."""

    __tablename__ = "form_e"

    month: Mapped[int]
    revision: Mapped[int]
    numbers: Mapped[dict[str, int]] = mapped_column(JSONB)
    own_note: Mapped[bytes | None]
    peer_note: Mapped[bytes | None]
    confirmed_at: Mapped[datetime]


class FormETurn(FormTurn):
    """A turn of Form E."""

    __tablename__ = "form_e_turn"


class FormJMonth(FormMonth):
    """A month of Form J."""

    __tablename__ = "form_j_month"


class FormJRow(TenantRow, Base):
    """One referral in a confirmed Form J (R-151); it bears the id of the commission's copy.

    Service, support and date sent stand in the referral, where nobody may change them.
    """

    __tablename__ = "form_j_row"

    month_id: Mapped[UUID]
    revision: Mapped[int]
    referral_id: Mapped[UUID]
    contact: Mapped[UUID]
    checked_on: Mapped[date | None]
    checked_by: Mapped[UUID | None]


class FormJTurn(FormTurn):
    """A turn of Form J."""

    __tablename__ = "form_j_turn"
