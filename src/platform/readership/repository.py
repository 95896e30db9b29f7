"""Every query of the module: the scope that the records' own lists use, asked for each colleague (S-31)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, literal, null, or_, select, union_all
from sqlalchemy import cast as as_type

from src.platform.access.relations import my_relations, scope
from src.platform.audit import service as audit
from src.platform.audit.service import AuditRow
from src.platform.db import together
from src.platform.db.prepared import with_facts
from src.platform.db.unit import Unit
from src.platform.readership.registry import Kind, Stands
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member

Facts = Mapping[str, object]
_RECORD = bindparam("record_id", type_=Uuid)


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as one colleague is tied to it: relations, its number and its two organisations, where it has them."""

    relations: list[str]
    number: str | None
    parties: frozenset[UUID]


async def prefetch(unit: Unit) -> None:
    """Colleagues and organisations, in one statement."""
    await together.prefetch(unit.session, tenants.all_members(), tenants.all_tenants())


async def seen_by(
    unit: Unit, kind: Kind, record_id: UUID, asked: Mapping[UUID, tuple[Member, Facts]]
) -> dict[UUID, Seen]:
    """Membership -> what ties them, for each of these members that may read the record, in one statement."""
    if not asked:
        return {}
    queries = [with_facts(_one(kind, member), {**facts, "record_id": record_id}) for member, facts in asked.values()]
    rows = (await unit.session.execute(union_all(*queries))).all()
    return {row.member: Seen(row.my_relations, row.number, frozenset({row.author, row.peer} - {None})) for row in rows}


def _one(kind: Kind, member: Member) -> Select[Any]:
    nobody = as_type(null(), Uuid)
    author, peer = kind.parties or (nobody, nobody)
    number: ColumnElement[str] = as_type(null(), Text) if kind.number is None else as_type(kind.number, Text)
    query = select(
        literal(member.membership_id, Uuid).label("member"),
        my_relations(kind.resource),
        number.label("number"),
        author.label("author"),
        peer.label("peer"),
    )
    return query.where(kind.id_column == _RECORD, or_(*(scope(member.roles, one) for one in kind.opening)))


async def people_of(unit: Unit, kind: Kind, record_id: UUID) -> list[Stands]:
    """Who stands in a record, with the colleagues in one statement; nobody where the kind does not tell."""
    read = kind.people.rows(record_id) if kind.people else None
    await together.prefetch(unit.session, tenants.all_members(), *([read] if read else []))
    return [kind.people.person(row) for row in await together.rows(unit.session, read)] if read and kind.people else []


async def log(
    unit: Unit, kind: Kind, record_id: UUID, people: Iterable[UUID], *, skipped: int, most: int
) -> list[AuditRow]:
    """A page of who has read a record or found one of its people, the latest first."""
    found = audit.readings(kind.resource, record_id, people, skipped=skipped, most=most)
    return await together.rows(unit.session, found)
