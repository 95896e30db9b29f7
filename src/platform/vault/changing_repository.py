"""Statements of a change of keys. They run as the owner of the database, inside one organisation's context."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    LargeBinary,
    TableClause,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    table,
    text,
    tuple_,
    update,
)
from sqlalchemy import column as named
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from src.platform.db.unit import Unit
from src.platform.vault.models import KeyChange, Person, PersonNameBlind, TenantKey
from src.platform.vault.sealed import Sealed

_PARTS = ("stored_as", "number")
_STATE = table("platform_state", named("key_epoch", Integer))


class Value(NamedTuple):
    """One sealed value: where it stands, what it is bound to, which piece of how many it is."""

    key: tuple[Any, ...]
    owner: UUID
    sealed: bytes
    number: int = 0
    pieces: int = 1


async def locked(unit: Unit) -> KeyChange | None:
    """The change of this organisation's keys; nobody else goes on with it meanwhile."""
    return await unit.session.get(KeyChange, unit.tenant_id, with_for_update=True)


async def patience(unit: Unit) -> None:
    """Give way before the database decides who must: whoever reports never waits for a change of keys in a knot."""
    await unit.session.execute(text("set local lock_timeout = '400ms'"))


async def count_change(unit: Unit) -> None:
    """From now on transactions are told another number of changes."""
    await unit.session.execute(update(_STATE).values(key_epoch=_STATE.c.key_epoch + 1))


async def registered(unit: Unit) -> set[str]:
    """The master keys of the region, by id."""
    return set((await unit.session.scalars(select(named("id")).select_from(table("master_key")))).all())


async def has_marks(unit: Unit) -> bool:
    """Whether marks have a key of their own."""
    found = await unit.session.scalars(select(TenantKey.version).where(TenantKey.purpose == "mark").limit(1))
    return found.one_or_none() is not None


async def add_keys(unit: Unit, rows: Sequence[dict[str, object]]) -> None:
    """Store wrapped keys."""
    await unit.session.execute(insert(TenantKey), rows)


async def drop_keys(unit: Unit, purposes: Collection[str], but: int) -> int:
    """Destroy every version of these keys but one; how many wrappings."""
    query = delete(TenantKey).where(TenantKey.purpose.in_(purposes), TenantKey.version != but)
    return len((await unit.session.scalars(query.returning(TenantKey.version))).all())


async def publish(unit: Unit, tenant_id: UUID, public: bytes) -> None:
    """The public half under which others seal for an organisation; as the region operator."""
    tenants = table("tenants", named("id", Uuid), named("recipient_key", LargeBinary))
    done = update(tenants).where(tenants.c.id == tenant_id).values(recipient_key=public).returning(tenants.c.id)
    (await unit.session.scalars(done)).one()


async def values(unit: Unit, one: Sealed, beginning: bytes, after: tuple[Any, ...] | None) -> list[Value]:
    """Values of a column that do not begin like the new ones, locked; those that somebody else holds come later."""
    source = _table(one)
    key = [source.c[name] for name in _key(one)]
    numbers = [source.c.number, _pieces(source)] if one.kind == "part" else []
    query = select(*key, source.c[one.owner].label("bound_to"), source.c[one.column].label("sealed"), *numbers)
    query = query.where(_waits(source, one, unit.tenant_id, beginning))
    if after is not None:
        query = query.where(
            tuple_(*key) > tuple_(*(bindparam(None, part, col.type) for part, col in zip(after, key, strict=True)))
        )
    query = query.order_by(*key).limit(one.batch).with_for_update(skip_locked=True)
    rows = (await unit.session.execute(query)).all()
    width = len(key)
    return [Value(tuple(row[:width]), row.bound_to, row.sealed, *row[width + 2 :]) for row in rows]


async def replace(unit: Unit, one: Sealed, old: Sequence[Value], new: Sequence[bytes]) -> None:
    """Put the new values where the old ones stand."""
    source = _table(one)
    query = update(source).where(*(source.c[name] == bindparam(f"of_{name}") for name in _key(one)))
    query = query.where(_mine(source, one, unit.tenant_id)).values({one.column: bindparam("of_value")})
    names = [f"of_{name}" for name in _key(one)]
    given = [
        dict(zip(names, value.key, strict=True)) | {"of_value": sealed} for value, sealed in zip(old, new, strict=True)
    ]
    await (await unit.session.connection()).execute(query, given)


async def waiting(unit: Unit, one: Sealed, beginning: bytes) -> int:
    """How many values of a column do not begin like the new ones."""
    source = _table(one)
    query = select(func.count()).select_from(source).where(_waits(source, one, unit.tenant_id, beginning))
    return int((await unit.session.execute(query)).scalar_one())


async def people(unit: Unit) -> list[Person]:
    """Everybody, locked."""
    query = select(Person).order_by(Person.id).with_for_update()
    return list((await unit.session.scalars(query)).all())


async def put_people(unit: Unit, rows: Sequence[tuple[UUID, bytes | None, bytes | None]]) -> None:
    """Other fingerprints of state numbers and contacts, as (person, number, contact)."""
    new = _listed(rows, id=Uuid(), iin=LargeBinary(), contact=LargeBinary())
    query = update(Person).where(Person.id == new.c.id).values(iin_blind=new.c.iin, contact_blind=new.c.contact)
    await unit.session.execute(query.execution_options(synchronize_session=False))


async def name_blinds(unit: Unit) -> set[tuple[UUID, bytes]]:
    """Every (person, fingerprint of a beginning of a name)."""
    rows = await unit.session.execute(select(PersonNameBlind.person_id, PersonNameBlind.blind))
    return {(row.person_id, row.blind) for row in rows.all()}


async def drop_name_blinds(unit: Unit, rows: Collection[tuple[UUID, bytes]]) -> None:
    """Remove fingerprints of names."""
    gone = _listed(rows, person_id=Uuid(), blind=LargeBinary())
    query = delete(PersonNameBlind).where(
        PersonNameBlind.person_id == gone.c.person_id, PersonNameBlind.blind == gone.c.blind
    )
    await unit.session.execute(query.execution_options(synchronize_session=False))


async def add_name_blinds(unit: Unit, rows: Collection[tuple[UUID, bytes]]) -> None:
    """Add fingerprints of names."""
    new = _listed(rows, person_id=Uuid(), blind=LargeBinary())
    told = select(literal(unit.tenant_id), new.c.person_id, new.c.blind)
    await unit.session.execute(insert(PersonNameBlind).from_select(["tenant_id", "person_id", "blind"], told))


async def links(unit: Unit, name: str, link: str, blind: str) -> list[tuple[UUID, bytes, bytes]]:
    """(row, sealed link, its fingerprint) of a table, locked."""
    source = table(name, named("id", Uuid), named(link, LargeBinary), named(blind, LargeBinary))
    query = select(source.c.id, source.c[link], source.c[blind]).where(source.c[link].is_not(None))
    rows = (await unit.session.execute(query.order_by(source.c.id).with_for_update())).all()
    return [(row[0], row[1], row[2]) for row in rows]


async def put_links(unit: Unit, name: str, blind: str, rows: Sequence[tuple[UUID, bytes]]) -> None:
    """Other fingerprints beside links, as (row, fingerprint)."""
    new, source = (
        _listed(rows, id=Uuid(), blind=LargeBinary()),
        table(name, named("id", Uuid), named(blind, LargeBinary)),
    )
    await unit.session.execute(update(source).where(source.c.id == new.c.id).values({blind: new.c.blind}))


def _listed(rows: Collection[Sequence[object]], **columns: TypeEngine[Any]) -> TableValuedAlias:
    """Rows of the program as rows of a statement: one array a column."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [bindparam(None, list(value), ARRAY(kind)) for value, kind in zip(values, columns.values(), strict=True)]
    told = func.unnest(*arrays).table_valued(*(named(name, kind) for name, kind in columns.items()))
    return told.render_derived("told")


def _table(one: Sealed) -> TableClause:
    ids = {name: Uuid() for name in ("tenant_id", "peer_tenant_id", one.owner, *_key(one)) if name != "number"}
    columns = [named(name, kind) for name, kind in ids.items()]
    return table(one.table, *columns, named("number", Integer), named(one.column, LargeBinary))


def _key(one: Sealed) -> tuple[str, ...]:
    return _PARTS if one.kind == "part" else (one.owner,)


def _pieces(source: TableClause) -> ColumnElement[int]:
    other = source.alias("whole")
    return select(func.count()).select_from(other).where(other.c.stored_as == source.c.stored_as).scalar_subquery()


def _mine(source: TableClause, one: Sealed, me: UUID) -> ColumnElement[bool]:
    """Of rows of two organisations, what the author sealed or what was sealed for the reader."""
    return source.c.peer_tenant_id == me if one.kind == "slice" else source.c.tenant_id == me


def _waits(source: TableClause, one: Sealed, me: UUID, beginning: bytes) -> ColumnElement[bool]:
    value = source.c[one.column]
    begins = func.substring(value, 1, len(beginning))
    return and_(_mine(source, one, me), func.length(value) > 0, begins != beginning)
