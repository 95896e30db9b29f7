"""Counters of one school and month, exact; numbers of its children by quarter, and what the city sees of them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow


class ProcessCounter(Base):
    """How the clocks that fell due in a month ended: facts about the school, exact (decisions 27)."""

    __tablename__ = "oversight_process"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    met_in_time: Mapped[int]
    met_late: Mapped[int]
    missed: Mapped[int]
    reached_city: Mapped[int]


class Pace(Base):
    """How many hours lay between the start and the end of a school's clocks, done by the end of the month.

    The school's own row, as `ChildrenCount`: the city reads medians of ten and more, of three schools and more.
    """

    __tablename__ = "oversight_pace"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    hours: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class ChildrenCount(Base):
    """How many children of a school have one value in one quarter (YYYYQ).

    The school's own row: the city reads sums of districts only, through a function that the worker alone may run.
    """

    __tablename__ = "oversight_children"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    children: Mapped[int]


class Release(TenantRow, Base):
    """What the city is shown of a quarter, already suppressed. It is never changed: no role may update or delete it.

    `method` numbers the function and the tables, so that an old release stays readable.
    """

    __tablename__ = "oversight_release"

    number: Mapped[int]
    quarter: Mapped[int]
    made_at: Mapped[datetime]
    method: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
