"""Every query about what was opened outside somebody's own work: a few statements a look, for any number of people."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    Uuid,
    cast,
    delete,
    literal,
    not_,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

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


async def days(unit: Unit, of: Collection[tuple[UUID, date]]) -> dict[tuple[UUID, date], BrowsingDay]:
    """What is known of these people on these days, locked."""
    query = select(BrowsingDay).where(tuple_(BrowsingDay.user_id, BrowsingDay.day).in_(of)).with_for_update()
    return {(one.user_id, one.day): one for one in (await unit.session.scalars(query)).all()}


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
