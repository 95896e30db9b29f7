"""Reports of the commission. No name stands in any column."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow, TwoPartyRow


class Assessment(TenantRow, Base):
    """The comprehensive assessment of one child's needs (Form L), by the curator; it bears the id of the request."""

    __tablename__ = "assessment"

    curator: Mapped[UUID]
    content: Mapped[bytes | None]
    family_answer: Mapped[str | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class AssessmentCopy(TwoPartyRow, Base):
    """The closed report for an organisation that supports the family, sealed so that only it can open it."""

    __tablename__ = "assessment_copy"

    assessment_id: Mapped[UUID]
    content: Mapped[bytes]
    given_at: Mapped[datetime]
