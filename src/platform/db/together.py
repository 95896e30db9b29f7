"""Several reads in one statement, for pages: at most four statements each (decisions 24).

A module gives its reads as `Read`s and answers every list through `rows`. A page names what it will need with
`prefetch`; `rows` then answers from that, as if each list had been asked for. What was read once is known until the
session writes or locks anything.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, Date, DateTime, LargeBinary, Select, Time, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import TypeEngine

from src.platform.db.base import Base

PREFETCHED = "qorgan_prefetched"
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
    found = {
        read.key: [_row(session.sync_session, _mapper(read.query), values) for values in listed]
        for read, listed in zip(reads, answer, strict=True)
    }
    session.info.setdefault(PREFETCHED, {}).update(found)


def _as_json(query: Select[Any]) -> Any:
    listed = query.subquery()
    return select(func.coalesce(func.json_agg(listed.table_valued()), func.json_build_array())).scalar_subquery()


def _mapper(query: Select[Any]) -> Mapper[Any]:
    mapper: Mapper[Any] = query.column_descriptions[0]["entity"].__mapper__
    return mapper


def _row(session: Session, mapper: Mapper[T], values: Mapping[str, Any]) -> T:
    """A persistent instance with these values; one that the session has is brought up to date, unless it changed it."""
    columns = [(attribute.key, attribute.columns[0]) for attribute in mapper.column_attrs]
    given = {key: _python(column, values[column.name]) for key, column in columns if isinstance(column, Column)}
    primary = tuple(given[mapper.get_property_by_column(column).key] for column in mapper.primary_key)
    known: T | None = session.identity_map.get(mapper.identity_key_from_primary_key(primary))
    if known is not None and session.is_modified(known):
        return known
    row: T = known or mapper.class_manager.new_instance()
    for key, value in given.items():
        set_committed_value(row, key, value)
    if known is None:
        make_transient_to_detached(row)
        session.add(row)
    return row


def _python(column: Column[Any], value: Any) -> Any:
    """JSON's value as the column's."""
    if value is None:
        return None
    if isinstance(column.type, ARRAY):
        return [_reader(column.type.item_type)(one) for one in value]
    return _reader(column.type)(value)


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(kind, Uuid):
        return UUID
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Time):
        return time.fromisoformat
    if isinstance(kind, LargeBinary):
        return lambda text: bytes.fromhex(text.removeprefix("\\x"))
    return lambda value: value
