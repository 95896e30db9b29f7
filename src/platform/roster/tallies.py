"""What may be counted of students: the grade in which they learned on a day."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from src.platform.db.unit import Unit
from src.platform.roster.models import Enrolment, SchoolClass


async def grades(unit: Unit, students: Collection[tuple[UUID, date]]) -> dict[tuple[UUID, date], int]:
    """The grade of each (student, day); who learned nowhere on the day is missing."""
    query = (
        select(Enrolment.person_id, Enrolment.started_on, Enrolment.ended_on, SchoolClass.grade)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.person_id.in_({person_id for person_id, _day in students}))
        .order_by(Enrolment.started_on, Enrolment.id)
    )
    places = (await unit.session.execute(query)).all()
    return {
        (person_id, day): place.grade
        for person_id, day in students
        for place in places
        if place.person_id == person_id and place.started_on <= day <= (place.ended_on or day)
    }


async def learning_by_grade(unit: Unit) -> tuple[dict[int, list[UUID]], date | None]:
    """The students of each grade today, and when the last of them came; in one statement."""
    query = (
        select(SchoolClass.grade, func.array_agg(Enrolment.person_id), func.max(Enrolment.started_on))
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.ended_on.is_(None))
        .group_by(SchoolClass.grade)
        .order_by(SchoolClass.grade)
    )
    rows = (await unit.session.execute(query)).all()
    return {grade: list(people) for grade, people, _ in rows}, max((came for _, _, came in rows), default=None)
