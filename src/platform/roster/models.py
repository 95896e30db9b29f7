"""Classes and enrolments: ids only, the people are the vault's."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class SchoolClass(TenantRow, Base):
    """7Б: a grade with a letter, which small schools leave out. `teacher_id` is the membership of its teacher."""

    __tablename__ = "school_class"

    grade: Mapped[int]
    letter: Mapped[str]
    teacher_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    @property
    def label(self) -> str:
        """As it stands on the door."""
        return f"{self.grade}{self.letter}"


class Enrolment(TenantRow, Base):
    """Where a student learns, and from when to when."""

    __tablename__ = "enrolment"

    person_id: Mapped[UUID]
    class_id: Mapped[UUID]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]


class ClassListDraft(TenantRow, Base):
    """An uploaded list that waits for its confirmation: sealed, for an hour, for the person who uploaded it."""

    __tablename__ = "class_list_draft"

    membership_id: Mapped[UUID]
    content: Mapped[bytes]
    expires_at: Mapped[datetime]
