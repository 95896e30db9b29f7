"""Obligations: one running or ended clock each, with everything that happened to it; calendars of people."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow

RUNNING = text("cancelled_at is null or stopped")
"""The rows of which one a code, subject and period may exist: what fell away may come again beside its record."""


class Obligation(TenantRow, Base):
    """Who owes what by when. `period` tells weeks apart; the missed ones keep their real times for ever.

    `skipped` are the days the term did not count, as they were known when it was computed; `in_a_row` how many
    periods were missed with this one; `stopped` that a person ended it, not the facts.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        Index(
            "obligation_running_key", "tenant_id", "code", "subject_id", "period", unique=True, postgresql_where=RUNNING
        ),
    )

    code: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    period: Mapped[str] = mapped_column(server_default="")
    started_at: Mapped[datetime]
    target_at: Mapped[datetime]
    due_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    calendar_version: Mapped[str]
    responsible: Mapped[UUID | None]
    reminded_at: Mapped[datetime | None]
    stopped: Mapped[bool] = mapped_column(server_default="false")
    in_a_row: Mapped[int] = mapped_column(server_default="0")
    skipped: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    version: Mapped[int] = mapped_column(server_default="1")


class Told(TenantRow, Base):
    """One step of a ladder that was climbed: who was told as what. Without a member it was the commission or the city.

    `stands_in`: for somebody absent, or for a role whose every holder is in conflict.
    """

    __tablename__ = "obligation_told"

    obligation_id: Mapped[UUID]
    rung: Mapped[str]
    role: Mapped[str]
    membership_id: Mapped[UUID | None]
    stands_in: Mapped[bool]
    told_at: Mapped[datetime]


class Change(TenantRow, Base):
    """A clock stopped or extended by a person: waiting for the second look, agreed or refused."""

    __tablename__ = "obligation_change"

    obligation_id: Mapped[UUID]
    kind: Mapped[str]
    reason: Mapped[bytes]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]
    due_before: Mapped[datetime]
    due_after: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class CalendarFeed(TenantRow, Base):
    """The secret address of a person's calendar, as a fingerprint."""

    __tablename__ = "calendar_feed"
    __table_args__ = (UniqueConstraint("tenant_id", "token_hash"),)

    membership_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_hour: Mapped[datetime | None]
    used: Mapped[int] = mapped_column(server_default="0")


class CalendarFeedCode(Base):
    """Which organisation an address leads to; the application may add lines and read none."""

    __tablename__ = "calendar_feed_code"
    __tenancy__: ClassVar[Tenancy] = "platform"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
