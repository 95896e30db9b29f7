"""Several reads in one statement, for pages: at most four statements each (decisions 24).

A module gives its reads as `Read`s and answers every list through `rows`. A page names what it will need with
`prefetch`; `rows` then answers from that, as if each list had been asked for. What was read once is known until the
session writes or locks anything. What hardly ever changes and is long (the organisations of a region) is sent only when
the database says that it stands otherwise than this process knows it.

Rows that were prefetched are to be read and not to be changed: they are values that the database wrote as JSON, which
costs a tenth of instances that a session keeps. A verb loads what it changes, locked, by itself.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    Cast,
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeEngine

from src.platform.db import prepared
from src.platform.db.base import Base
from src.platform.db.prepared import PREFETCHED

LASTING = "qorgan_lasting"
_KINDS = (UUID, datetime, date, time, bool, int, str)
T = TypeVar("T", bound=Base)
V = TypeVar("V")


class _Hex(bytes):
    """Bytes as PostgreSQL writes them in JSON."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A list of rows of one table; equal keys are the same list.

    With `given`, the query is one that stands in a module, and its parameters have these values: what is made of it is
    then compiled once for the process. What is `lasting` (settings, the calendar) is known until the transaction ends,
    or until `forget` is called where it is written. What `stands` is remembered by the process as long as that query
    answers the same text; everybody has to be allowed the same rows of it.
    """

    key: tuple[Hashable, ...]
    query: "Select[T]"
    given: Mapping[str, object] | None = None
    lasting: bool = False
    stands: "ScalarSelect[str] | None" = None


class Standing(tuple[V, ...]):
    """Rows that the process remembers, always the same object: what is made of them can be remembered with them."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        """Only itself: two editions are not compared row by row."""
        return self is other


_EDITIONS = 4
_standing: dict[tuple[Hashable, ...], dict[str, Standing[Any]]] = {}


async def rows(session: AsyncSession, read: Read[T]) -> list[T]:
    """The rows of a read, prefetched or asked for now."""
    found = known(session, read)
    if found is None and (read.lasting or read.stands is not None):
        await prefetch(session, read)
        found = known(session, read)
    if found is None:
        found = (await session.scalars(read.query, read.given)).all()
        session.info.setdefault(PREFETCHED, {})[read.key] = found
    return list(found)


async def standing(session: AsyncSession, read: Read[T]) -> Standing[T]:
    """The rows of a read that stands, not copied."""
    if known(session, read) is None:
        await prefetch(session, read)
    found = known(session, read)
    return found if isinstance(found, Standing) else Standing(await rows(session, read))


def known(session: AsyncSession, read: Read[T]) -> Sequence[T] | None:
    """The rows of a read if they were read before, for a question about one of them."""
    found: Sequence[T] | None = session.info.get(LASTING if read.lasting else PREFETCHED, {}).get(read.key)
    return found


def forget(session: AsyncSession) -> None:
    """What lasts was written: ask for it again."""
    session.info.pop(LASTING, None)


async def prefetch(session: AsyncSession, *reads: Read[Any]) -> None:
    """Answer these reads in one statement, but those that last and are known."""
    reads = tuple(read for read in reads if not read.lasting or known(session, read) is None)
    if not reads:
        return
    if any(read.given is None for read in reads):
        told = (prepared.with_facts(read.query, read.given) if read.given else read.query for read in reads)
        texts = (_text(query, read.stands, literal(_edition(read))) for query, read in zip(told, reads, strict=True))
        answer: Sequence[str] = (await session.execute(select(*texts))).one()
    else:
        queries = tuple(read.query for read in reads)
        made = prepared.once(
            ("together", *queries), None, lambda: prepared.compiled(select().add_columns(*columns(*reads)), fixed=True)
        )
        answer = await prepared.row(session, made, given(*reads))
    keep(session, reads, answer)


async def beside(
    session: AsyncSession,
    key: tuple[Hashable, ...],
    while_stands: object,
    make: Callable[[], "Select[str]"],
    asked: Mapping[str, object],
    *reads: Read[Any],
    fixed: bool = True,
) -> str:
    """What a statement of one row and one column answers, and in the same statement these reads that are not known.

    It is made once for `key` as long as `while_stands` stands (`prepared.once`); one that is not `fixed` was made for
    this question only, and is not kept.
    """
    new = [read for read in reads if known(session, read) is None]

    def made() -> prepared.Compiled:
        statement = prepared.compiled(make().add_columns(*columns(*new)), fixed=fixed)
        return statement._replace(passing=not fixed)

    kept = prepared.once((*key, *(read.query for read in new)), while_stands, made) if fixed else made()
    first, *answers = await prepared.row(session, kept, {**asked, **given(*new)})
    keep(session, new, answers)
    return str(first)


def columns(*reads: Read[Any]) -> list[ColumnElement[str]]:
    """Reads as columns of a statement that is compiled once; `given` has its values, `keep` takes the answer."""
    return [
        _text(prepared.numbered(read.query, read.given or (), n), read.stands, bindparam(f"edition_{n}", type_=Text))
        for n, read in enumerate(reads)
    ]


def given(*reads: Read[Any]) -> dict[str, object]:
    """The values that `columns` of the same reads ask for."""
    asked: dict[str, object] = {
        f"edition_{n}": _edition(read) for n, read in enumerate(reads) if read.stands is not None
    }
    return asked | {f"{name}_{n}": value for n, read in enumerate(reads) for name, value in (read.given or {}).items()}


def keep(session: AsyncSession, reads: Sequence[Read[Any]], answer: Sequence[str]) -> None:
    """Know the rows of reads from now on, by what the columns of a statement answered."""
    for read, text in zip(reads, answer, strict=True):
        found = _decoder_of(read).decode(text) if read.stands is None else _remembered(read, text)
        if found is not None:  # else it was forgotten meanwhile, and is asked for again where it is needed
            place = session.info.setdefault(LASTING if read.lasting else PREFETCHED, {})
            place[read.key] = found


def _text(query: Select[Any], stands: ScalarSelect[str] | None, edition: ColumnElement[str]) -> ColumnElement[str]:
    listed = query.subquery()
    text = select(as_text(listed)).scalar_subquery()
    return text if stands is None else stands.concat("|").concat(case((stands == edition, ""), else_=text))


def _edition(read: Read[Any]) -> str:
    """The edition that this process came to know last."""
    return next(reversed(_standing.get(read.key, {})), "")


def _remembered(read: Read[Any], text: str) -> Standing[Any] | None:
    """What stands under the edition that was answered, which is the one to ask with from now on."""
    edition, _, sent = text.partition("|")
    editions = _standing.setdefault(read.key, {})
    found = editions.pop(edition, None)
    if found is None and sent:
        found = Standing(_decoder_of(read).decode(sent))
    if found is not None:
        editions[edition] = found
    if len(editions) > _EDITIONS:
        del editions[next(iter(editions))]
    return editions.get(edition)


def as_text(listed: Subquery) -> Cast[str]:
    """The rows of a query as the text of a JSON array."""
    return cast(func.coalesce(func.json_agg(listed.table_valued()), func.json_build_array()), Text)


def _decoder_of(read: Read[T]) -> msgspec.json.Decoder[list[T]]:
    if read.given is None:
        return _decoder(_mapper(read.query))
    return prepared.once(("decoder", read.query), None, lambda: _decoder(_mapper(read.query)))


def _mapper(query: Select[Any]) -> Mapper[Any]:
    mapper: Mapper[Any] = query.column_descriptions[0]["entity"].__mapper__
    return mapper


@cache
def _decoder(mapper: Mapper[T]) -> msgspec.json.Decoder[list[T]]:
    """Makes rows of JSON: values with the attributes and the properties of the mapped class, and none of its verbs."""
    columns = [(one.key, one.columns[0]) for one in mapper.column_attrs]
    stored = [(key, column) for key, column in columns if isinstance(column, Column)]
    row = msgspec.defstruct(
        mapper.class_.__name__,
        [(key, _kind(column.type) | None) for key, column in stored],
        rename={key: column.name for key, column in stored},
        namespace={name: one for name, one in vars(mapper.class_).items() if _is_kept(name, one)},
        frozen=True,
        gc=False,
    )
    return msgspec.json.Decoder(list[row], dec_hook=_read_hex)  # type: ignore[valid-type]  # made at run time


def _is_kept(name: str, one: object) -> bool:
    return isinstance(one, property) or name == "__tablename__"


def _kind(kind: TypeEngine[Any]) -> Any:
    """What JSON's value of a column becomes."""
    if isinstance(kind, ARRAY):
        return list[_kind(kind.item_type)]  # type: ignore[misc]  # made at run time
    python = kind.python_type
    if python is bytes:
        return _Hex
    return python if python in _KINDS else Any


def _read_hex(_kind: type, text: str) -> _Hex:
    return _Hex.fromhex(text.removeprefix("\\x"))
