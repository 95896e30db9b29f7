"""Every query of the module: the scope that the records' own lists use, asked for each colleague (S-31)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, null, or_, select, union_all
from sqlalchemy import cast as as_type

from src.platform.access.policy import table
from src.platform.access.relations import my_relations, scope
from src.platform.audit import service as audit
from src.platform.audit.service import AuditRow
from src.platform.db import prepared, together
from src.platform.db.prepared import Compiled, compiled, numbered, once
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
    people = sorted(asked.values(), key=lambda one: sorted(one[0].roles))  # the same roles in the same order: one text
    names, roles = {"member", *people[0][1]}, [member.roles for member, _ in people]

    def make() -> Compiled:
        return compiled(union_all(*(numbered(_one(kind, one), names, n) for n, one in enumerate(roles))), fixed=True)

    given: dict[str, object] = {"record_id": record_id}
    for n, (member, facts) in enumerate(people):
        given |= {f"{name}_{n}": value for name, value in {**facts, "member": member.membership_id}.items()}
    made = once(("seen by", kind.resource, *roles), table(), make)
    rows = await prepared.rows(unit.session, made, given)
    return {
        member: Seen(relations, number, frozenset({author, peer} - {None}))
        for member, relations, number, author, peer in rows
    }


def _one(kind: Kind, roles: frozenset[str]) -> Select[Any]:
    nobody = as_type(null(), Uuid)
    author, peer = kind.parties or (nobody, nobody)
    number: ColumnElement[str] = as_type(null(), Text) if kind.number is None else as_type(kind.number, Text)
    query = select(
        bindparam("member", type_=Uuid).label("member"),
        my_relations(kind.resource),
        number.label("number"),
        author.label("author"),
        peer.label("peer"),
    )
    return query.where(kind.id_column == _RECORD, or_(*(scope(roles, one) for one in kind.opening)))


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
