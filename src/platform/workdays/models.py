"""Transfers of days off and working days, made by acts of the government for the whole region."""

from datetime import date
from typing import ClassVar

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class CalendarOverride(Base):
    """One day that an act makes a holiday or a working day, for five-day weeks, six-day weeks or both."""

    __tablename__ = "calendar_override"
    __tenancy__: ClassVar[Tenancy] = "platform"

    day: Mapped[date] = mapped_column(primary_key=True)
    week_type: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    act: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
