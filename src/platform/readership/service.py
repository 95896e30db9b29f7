"""Answering «who can see this» and «why not» from the policy and the relations, never from a list of its own."""

from collections.abc import Mapping
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import sort_key
from src.platform.readership import registry, repository
from src.platform.readership.registry import Kind
from src.platform.readership.repository import Seen
from src.platform.readership.schemas import AccessLog, Reader, Readership, Reading, Refusal
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

PAGE_SIZE = 50


async def who(unit: Unit, resource: str, record_id: UUID) -> Readership:
    """The colleagues that can open a record (decisions 17). Raises Forbidden by role, NotFound alike for all else.

    Somebody in conflict is absent. Only who reads every identity of the record anyway may ask, so that an absence
    tells them nothing new; the policy gives `show_readers` to nobody else.
    """
    kind = registry.find(resource)
    access.require(unit, kind.asking)
    await repository.prefetch(unit)
    colleagues = {one.membership_id: one for one in await tenants.members(unit)}
    seen = await _seen_by(unit, kind, record_id, colleagues)
    if (mine := seen.get(unit.me.membership_id)) is None:
        raise NotFound
    access.demand(unit.me, kind.asking, mine.relations, reading=kind.reading)
    audit.record(unit, "access.readers_shown", resource, [record_id], classes={"school-internal"})
    return Readership(
        id=record_id,
        resource=resource,
        label=mine.number or await vault.code(unit, "child", record_id),
        readers=await _readers(unit, kind, {colleagues[i]: one for i, one in seen.items()}),
        other_side=await _other_side(unit, mine),
    )


async def log(unit: Unit, resource: str, record_id: UUID, page: int = 1) -> AccessLog:
    """Who has read a record or found its people by a search, and when. Raises Forbidden by role, NotFound for all else.

    The question is open to whom `who` is open, for the same reason; a reporter stands in no row of it.
    """
    kind = registry.find(resource)
    access.require(unit, kind.asking)
    me = Member(
        membership_id=unit.me.membership_id, user_id=unit.me.user_id, person_id=unit.me.person_id, roles=unit.me.roles
    )
    seen = await repository.seen_by(unit, kind, record_id, {me.membership_id: (me, await vault.facts(unit))})
    if (mine := seen.get(me.membership_id)) is None:
        raise NotFound
    access.demand(unit.me, kind.asking, mine.relations, reading=kind.reading)
    skipped = (page - 1) * PAGE_SIZE
    people = await _people(unit, kind, record_id)
    found = await repository.log(unit, kind, record_id, people, skipped=skipped, most=PAGE_SIZE + 1)
    names = await _names_of_users(unit)
    audit.record(unit, "access.log_shown", resource, [record_id], classes={"school-internal"})
    rows = [
        Reading(
            at=one.at,
            name=names.get(one.actor_id, ""),
            action=one.action,
            classes=one.classes,
            people=sorted(people[each] for each in one.record_ids if each in people),
        )
        for one in found[:PAGE_SIZE]
        if one.actor_id is not None
    ]
    return AccessLog(
        id=record_id,
        resource=resource,
        label=mine.number or await vault.code(unit, "child", record_id),
        rows=rows,
        page=page,
        earlier=page + 1 if len(found) > PAGE_SIZE else None,
    )


async def _people(unit: Unit, kind: Kind, record_id: UUID) -> dict[UUID, str]:
    """Person -> code in this record, of everybody who stands in it; whoever may ask reads who they are anyway."""
    stand = await repository.people_of(unit, kind, record_id)
    persons = [await vault.open_link(unit, one.link, one.owner_id) for one in stand]
    codes = await vault.codes(unit, [(one.word, one.owner_id) for one in stand])
    return dict(zip(persons, codes, strict=True))


async def _names_of_users(unit: Unit) -> dict[UUID, str]:
    members = await tenants.members(unit)
    known = await vault.staff_names(unit, [one.person_id for one in members])
    return {one.user_id: known.get(one.person_id, "") for one in members}


def why(unit: Unit, permission: str) -> Refusal:
    """Whom a refused permission belongs to. Raises NotFound where a role of the person has it: then a record decided.

    The answer depends on the policy and the roles only, so it is the same before and after any conflict.
    """
    if not access.is_for_other_roles(unit.me, permission):
        raise NotFound
    open_to = sorted(access.holders(permission))
    return Refusal(permission=permission, open_to=open_to, my_roles=sorted(unit.me.roles))


async def _seen_by(unit: Unit, kind: Kind, record_id: UUID, colleagues: Mapping[UUID, Member]) -> dict[UUID, Seen]:
    """Whoever has the module by role and this record by its scope."""
    asked = [one for one in colleagues.values() if any(access.has_module(one.roles, each) for each in kind.opening)]
    facts = await vault.facts_of_members(unit, asked)
    return await repository.seen_by(unit, kind, record_id, {i: (colleagues[i], its) for i, its in facts.items()})


async def _readers(unit: Unit, kind: Kind, reading: Mapping[Member, Seen]) -> list[Reader]:
    names = await vault.staff_names(unit, [one.person_id for one in reading])
    found = []
    for member, seen in reading.items():
        grounds: dict[str, frozenset[str]] = {}
        for each in kind.opening:
            for atom, given in access.grounds(member.roles, each, seen.relations).items():
                grounds[atom] = grounds.get(atom, frozenset()) | given
        classes = frozenset[str]().union(*grounds.values())
        name = names.get(member.person_id, "")
        found.append(Reader(name=name, grounds=sorted(grounds), classes=sorted(classes)))
    return sorted(found, key=lambda one: sort_key(one.name))


async def _other_side(unit: Unit, seen: Seen) -> str | None:
    for other in seen.parties - {unit.tenant_id}:
        return (await tenants.organisation(unit, other)).name(unit.language)
    return None
