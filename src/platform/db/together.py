"""Several reads in one statement, for pages: at most four statements each (decisions 24).

A module gives its reads as `Read`s and answers every list through `rows`. A page names what it will need with
`prefetch`; `rows` then answers from that, as if each list had been asked for. What was read once is known until the
session writes or locks anything.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, Date, DateTime, LargeBinary, Select, Time, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import TypeEngine

from src.platform.db.base import Base

PREFETCHED = "qorgan_prefetched"
_READERS: tuple[tuple[type[TypeEngine[Any]], Callable[[str], Any]], ...] = (
    (Uuid, UUID),
    (DateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (Time, time.fromisoformat),
)
T = TypeVar("T", bound=Base)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A list of rows of one table; equal keys are the same list."""

    key: tuple[Hashable, ...]
    query: "Select[T]"


async def rows(session: AsyncSession, read: Read[T]) -> list[T]:
    """The rows of a read, prefetched or asked for now."""
    known: list[T] | None = session.info.get(PREFETCHED, {}).get(read.key)
    if known is None:
        known = list((await session.scalars(read.query)).all())
        session.info.setdefault(PREFETCHED, {})[read.key] = known
    return list(known)


async def prefetch(session: AsyncSession, *reads: Read[Any]) -> None:
    """Answer these reads in one statement; the rows belong to the session like any others."""
    statement = select(*(_as_json(read.query) for read in reads))
    answer = (await session.execute(statement)).one()
    found = {}
    for read, listed in zip(reads, answer, strict=True):
        shape = _shape(_mapper(read.query))
        found[read.key] = [_row(session.sync_session, shape, values) for values in listed]
    session.info.setdefault(PREFETCHED, {}).update(found)


def _as_json(query: Select[Any]) -> Any:
    listed = query.subquery()
    return select(func.coalesce(func.json_agg(listed.table_valued()), func.json_build_array())).scalar_subquery()


def _mapper(query: Select[Any]) -> Mapper[Any]:
    mapper: Mapper[Any] = query.column_descriptions[0]["entity"].__mapper__
    return mapper


class _Shape(NamedTuple, Generic[T]):
    """How an instance is made of JSON: attribute, column's name and reader, and which attributes are the identity."""

    mapper: Mapper[T]
    columns: tuple[tuple[str, str, Callable[[Any], Any] | None], ...]
    identity: tuple[str, ...]


@cache
def _shape(mapper: Mapper[T]) -> _Shape[T]:
    columns = [(attribute.key, attribute.columns[0]) for attribute in mapper.column_attrs]
    return _Shape(
        mapper,
        tuple((key, column.name, _reader(column.type)) for key, column in columns if isinstance(column, Column)),
        tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key),
    )


def _row(session: Session, shape: _Shape[T], values: Mapping[str, Any]) -> T:
    """A persistent instance with these values; one that the session has is brought up to date, unless it changed it."""
    given = {}
    for key, name, reader in shape.columns:
        value = values[name]
        given[key] = value if value is None or reader is None else reader(value)
    identity = shape.mapper.identity_key_from_primary_key(tuple(given[key] for key in shape.identity))
    known: T | None = session.identity_map.get(identity)
    if known is not None:
        if not session.is_modified(known):
            for key, value in given.items():
                set_committed_value(known, key, value)
        return known
    row = shape.mapper.class_manager.new_instance()
    row.__dict__.update(given)
    make_transient_to_detached(row)
    session.add(row)
    return row


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """JSON's value as the column's; None where they are the same."""
    if isinstance(kind, ARRAY):
        each = _reader(kind.item_type)
        return None if each is None else lambda listed: [each(one) for one in listed]
    if isinstance(kind, LargeBinary):
        return lambda text: bytes.fromhex(text.removeprefix("\\x"))
    return next((read for known, read in _READERS if isinstance(kind, known)), None)
