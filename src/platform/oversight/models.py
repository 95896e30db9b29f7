"""Counters of one organisation, month and clock: facts about the school, exact (decisions 27)."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy


class ProcessCounter(Base):
    """How the clocks that fell due in a month ended."""

    __tablename__ = "oversight_process"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    met_in_time: Mapped[int]
    met_late: Mapped[int]
    missed: Mapped[int]
    reached_city: Mapped[int]
