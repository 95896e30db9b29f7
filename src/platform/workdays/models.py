"""Transfers of days off and working days, and school years: made by acts, for the whole region."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy.dialects.postgresql import JSONB
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


class SchoolYearRow(Base):
    """One school year of the region as the ministry orders it: quarters and vacations as lists (calendar.md 3)."""

    __tablename__ = "school_year"
    __tenancy__: ClassVar[Tenancy] = "platform"

    code: Mapped[str] = mapped_column(primary_key=True)
    quarters: Mapped[list[Any]] = mapped_column(JSONB)
    vacations: Mapped[list[Any]] = mapped_column(JSONB)
    act: Mapped[str]
