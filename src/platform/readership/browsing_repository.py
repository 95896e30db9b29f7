"""Every query about what was opened outside somebody's own work: a few statements a look, for any number of people."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    Text,
    Uuid,
    cast,
    delete,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from src.platform.access.relations import at_work, my_relations, scope
from src.platform.audit import service as audit
from src.platform.db.prepared import with_facts
from src.platform.db.unit import Unit
from src.platform.readership.models import BrowsingDay
from src.platform.readership.registry import Kind
from src.platform.tenants.schemas import Member

Opened = tuple[Kind, Member, Collection[UUID]]


async def not_of_their_work(
    unit: Unit, opened: Collection[Opened], facts: Mapping[UUID, Mapping[str, object]]
) -> dict[UUID, set[UUID]]:
    """User -> records of these that they have neither a relation to nor ever did anything with, in one statement."""
    if not opened:
        return {}
    queries = [with_facts(_aside(kind, member, ids), facts[member.membership_id]) for kind, member, ids in opened]
    found: dict[UUID, set[UUID]] = {}
    for row in (await unit.session.execute(union_all(*queries))).all():
        found.setdefault(row.user_id, set()).add(row.record_id)
    return found


def _aside(kind: Kind, member: Member, ids: Collection[UUID]) -> Select[Any]:
    record = kind.id_column
    query = select(literal(member.user_id, Uuid).label("user_id"), record.label("record_id"))
    return query.where(
        record.in_(ids),
        not_(at_work(kind.resource)),
        not_(audit.worked_on(kind.resource, record, member.user_id)),
    )


async def add(unit: Unit, days: Collection[Mapping[str, object]]) -> list[BrowsingDay]:
    """Add to the days of people, in one statement; the days as they are then."""
    if not days:
        return []
    query = insert(BrowsingDay).values(list(days))
    both = BrowsingDay.records.op("||")(query.excluded.records)
    every = select(func.unnest(both, type_=Uuid).label("one")).distinct().correlate(BrowsingDay).scalar_subquery()
    query = query.on_conflict_do_update(
        index_elements=["tenant_id", "user_id", "day"],
        set_={
            "records": func.array(every, type_=ARRAY(Uuid)),
            "searches": BrowsingDay.searches + query.excluded.searches,
        },
    )
    kept = query.returning(BrowsingDay).execution_options(populate_existing=True)
    return list((await unit.session.scalars(kept)).all())


async def note_told(unit: Unit, days: Collection[UUID], at: datetime) -> None:
    """These are told of, once."""
    await unit.session.execute(update(BrowsingDay).where(BrowsingDay.id.in_(days)).values(told_at=at))


async def forget(unit: Unit, before: date) -> None:
    """Delete days that nobody was told of."""
    await unit.session.execute(delete(BrowsingDay).where(BrowsingDay.day < before, BrowsingDay.told_at.is_(None)))


async def one(unit: Unit, day_id: UUID) -> BrowsingDay | None:
    """One day that was told of."""
    query = select(BrowsingDay).where(BrowsingDay.id == day_id, BrowsingDay.told_at.is_not(None))
    return (await unit.session.scalars(query)).one_or_none()


async def readable(
    unit: Unit, kinds: Collection[Kind], ids: Collection[UUID], facts: Mapping[str, object]
) -> list[tuple[str, UUID, str | None, list[str]]]:
    """(resource, id, number, relations) of those of these records that the reader may open, in one statement."""
    query = union_all(*(_mine(unit, kind, ids) for kind in kinds))
    return [
        (row.resource, row.record_id, row.number, row.my_relations)
        for row in (await unit.session.execute(query, facts)).all()
    ]


def _mine(unit: Unit, kind: Kind, ids: Collection[UUID]) -> Select[str, UUID, str, list[str]]:
    number: ColumnElement[str] = cast(null(), Text) if kind.number is None else cast(kind.number, Text)
    query = select(
        literal(kind.resource, String).label("resource"),
        kind.id_column.label("record_id"),
        number.label("number"),
        my_relations(kind.resource),
    )
    return query.where(kind.id_column.in_(ids), or_(*(scope(unit.me.roles, one) for one in kind.opening)))
