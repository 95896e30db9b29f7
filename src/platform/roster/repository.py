"""Every query of the roster."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.access.relations import my_relations, scope
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit.ids import new_id
from src.platform.roster import policy
from src.platform.roster.models import ClassListDraft, Enrolment, SchoolClass
from src.platform.vault import service as vault

RELATIONS = policy.__name__
Label = tuple[int, str]
"""(grade, letter)"""


class Tied(NamedTuple):
    """A class with the relations that tie the reader to it, and who learns there now."""

    school_class: SchoolClass
    relations: list[str]
    students: list[UUID]


_learning = func.array(
    select(Enrolment.person_id)
    .where(Enrolment.class_id == SchoolClass.id, Enrolment.ended_on.is_(None))
    .correlate(SchoolClass)
    .scalar_subquery(),
    type_=ARRAY(Uuid),
)


def _scoped(unit: Unit) -> Select[SchoolClass, list[str], list[UUID]]:
    return select(SchoolClass, my_relations("school_class"), _learning).where(scope(unit.me.roles, "school_class.read"))


async def classes(unit: Unit) -> list[Tied]:
    """Classes that the reader may open."""
    query = _scoped(unit).order_by(SchoolClass.grade, SchoolClass.letter)
    return [Tied(*row) for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


async def one(unit: Unit, class_id: UUID) -> Tied | None:
    """One class if the reader may open it."""
    query = _scoped(unit).where(SchoolClass.id == class_id)
    row = (await unit.session.execute(query, await vault.facts(unit))).one_or_none()
    return Tied(*row) if row else None


async def places(unit: Unit, person_ids: Collection[UUID]) -> dict[UUID, SchoolClass]:
    """Where people learn now."""
    await together.prefetch(unit.session, _enrolments(person_ids), _CLASSES)
    classes = {one.id: one for one in await together.rows(unit.session, _CLASSES)}
    return {one.person_id: classes[one.class_id] for one in await together.rows(unit.session, _enrolments(person_ids))}


async def class_ids(unit: Unit) -> dict[Label, UUID]:
    """Every class of the school."""
    return {(one.grade, one.letter): one.id for one in await together.rows(unit.session, _CLASSES)}


_CLASSES = Read(("class",), select(SchoolClass).order_by(SchoolClass.id), {})


def _enrolments(person_ids: Collection[UUID]) -> Read[Enrolment]:
    query = select(Enrolment).where(Enrolment.ended_on.is_(None), Enrolment.person_id.in_(person_ids))
    return Read(("enrolment", *person_ids), query)


def all_classes() -> Read[SchoolClass]:
    """Every class of the school."""
    return _CLASSES


def learning_in(class_id: UUID) -> Read[Enrolment]:
    """Who learns in a class now."""
    query = select(Enrolment).where(Enrolment.ended_on.is_(None), Enrolment.class_id == class_id)
    return Read(("learning", class_id), query.order_by(Enrolment.id))


async def labels(unit: Unit) -> list[SchoolClass]:
    """Every class of the school, for a choice among them."""
    return await together.rows(unit.session, _CLASSES)


async def students_of(unit: Unit, class_id: UUID) -> list[UUID]:
    """Who learns in a class now."""
    return [one.person_id for one in await together.rows(unit.session, learning_in(class_id))]


async def open_classes(unit: Unit, labels: Collection[Label]) -> None:
    """Make classes that are not there yet."""
    if labels:
        rows = [{"tenant_id": unit.tenant_id, "id": new_id(), "grade": g, "letter": x, "version": 1} for g, x in labels]
        await unit.session.execute(insert(SchoolClass), rows)


async def enrol(unit: Unit, moves: Mapping[UUID, UUID], on: date) -> None:
    """End where these people learned and let them learn in the class given from a day on."""
    if not moves:
        return
    await unit.session.execute(
        update(Enrolment)
        .where(Enrolment.person_id.in_(moves), Enrolment.ended_on.is_(None))
        .values(ended_on=on)
        .execution_options(synchronize_session=False)
    )
    rows = [
        {"tenant_id": unit.tenant_id, "id": new_id(), "person_id": person, "class_id": to, "started_on": on}
        for person, to in moves.items()
    ]
    await unit.session.execute(insert(Enrolment), rows)


async def leave(unit: Unit, class_id: UUID, person_id: UUID, on: date) -> bool:
    """End a student's time in a class; False when they do not learn there."""
    done = await unit.session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == person_id, Enrolment.class_id == class_id, Enrolment.ended_on.is_(None))
        .values(ended_on=on)
        .returning(Enrolment.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def set_teacher(unit: Unit, class_id: UUID, version: int, teacher_id: UUID) -> bool:
    """Set the teacher if nobody changed the class since `version`."""
    done = await unit.session.execute(
        update(SchoolClass)
        .where(SchoolClass.id == class_id, SchoolClass.version == version)
        .values(teacher_id=teacher_id, version=SchoolClass.version + 1)
        .returning(SchoolClass.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def lock_roster(unit: Unit) -> None:
    """One import at a time in a school, until the end of the transaction."""
    key = func.hashtextextended(f"roster|{unit.tenant_id}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(key)))


async def draft(unit: Unit, draft_id: UUID, at: datetime) -> ClassListDraft | None:
    """A living draft of the reader's own."""
    query = select(ClassListDraft).where(
        ClassListDraft.id == draft_id,
        ClassListDraft.membership_id == unit.me.membership_id,
        ClassListDraft.expires_at > at,
    )
    return (await unit.session.scalars(query)).one_or_none()


async def keep_draft(unit: Unit, draft_id: UUID, until: datetime) -> None:
    """Keep a draft longer."""
    change = update(ClassListDraft).where(ClassListDraft.id == draft_id).values(expires_at=until)
    await unit.session.execute(change.execution_options(synchronize_session=False))


async def drop_draft(unit: Unit, draft_id: UUID, *, over_at: datetime | None = None) -> None:
    """Throw a draft away, with `over_at` only one whose time is over; it may be gone already."""
    drop = delete(ClassListDraft).where(ClassListDraft.id == draft_id)
    if over_at is not None:
        drop = drop.where(ClassListDraft.expires_at <= over_at)
    await unit.session.execute(drop.execution_options(synchronize_session=False))
