"""What was opened outside somebody's own work."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from src.platform.db.base import Base, TenantRow


class BrowsingDay(TenantRow, Base):
    """One person on one local day: records that are not of their own work, and how often they looked for people.

    `told_at`: since when whoever may ask who has looked knows of it. A day that nobody was told of is deleted after it.
    """

    __tablename__ = "browsing_day"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id", "day"),)

    user_id: Mapped[UUID]
    day: Mapped[date]
    records: Mapped[list[UUID]]
    searches: Mapped[int]
    told_at: Mapped[datetime | None]
