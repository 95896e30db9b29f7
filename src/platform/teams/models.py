"""The order of the security team (N22) and who stands in it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class SecurityTeam(TenantRow, Base):
    """draft → active → ended; one active team a school year (R-001)."""

    __tablename__ = "security_team"

    school_year: Mapped[str]
    order_no: Mapped[str]
    order_date: Mapped[date]
    status: Mapped[str]
    activated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class TeamSeat(TenantRow, Base):
    """A member's seat. `gives_role` is the role that an active seat gives; the database derives it."""

    __tablename__ = "security_team_member"

    team_id: Mapped[UUID]
    membership_id: Mapped[UUID]
    kind: Mapped[str]
    trained_on: Mapped[date | None]
    is_leader: Mapped[bool]
    is_deputy: Mapped[bool]
    gives_role: Mapped[str] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TeamDuty(TenantRow, Base):
    """Who takes reports first, from when to when."""

    __tablename__ = "team_duty"

    membership_id: Mapped[UUID]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
