"""Which rows a backup holds, in an order in which they can come back, and how they are counted."""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from hashlib import sha256
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from src.platform.cli.backup.manifest import Share

LEFT_OUT = {
    "alembic_version": "the migrations write it",
    "ctx_key": "the environment has it, and a backup signs no context",
    "user_session": "nobody stays signed in across a restore",
}
_PIECE_BYTES = 4 << 20
_NAMES: LiteralString = """
    select c.relname, coalesce(array_agg(distinct p.relname) filter (where p.oid <> c.oid), '{}')
    from pg_class c left join pg_constraint k on k.conrelid = c.oid and k.contype = 'f'
    left join pg_class p on p.oid = k.confrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all (%s)
    group by c.relname order by c.relname"""
_COLUMNS: LiteralString = """
    select attname from pg_attribute
    where attrelid = ('public.' || quote_ident(%s))::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum"""
# A sum over fingerprints does not depend on the order of rows. It finds what was lost or bent on the way; who bends on
# purpose meets the seal and the signature of the file.
_SHARES: LiteralString = """
    select {owner}, count(*), sum(('x' || left(md5(t::text), 15))::bit(60)::bigint)::text from only public.{table} t
    group by 1 order by 1"""
PLAIN: tuple[LiteralString, ...] = (
    "set local search_path = public, pg_catalog",
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO'",
    "set local intervalstyle = 'postgres'",
    "set local bytea_output = 'hex'",
    "set local extra_float_digits = 1",
    "set local synchronize_seqscans = off",
    "set local statement_timeout = 0",
)
"""So that the same row is the same text on every server."""

Connection = psycopg.Connection[Any]


def names(connection: Connection) -> list[str]:
    """Every table with rows to keep; whom a row points at comes before it. Raises graphlib.CycleError."""
    found = dict(connection.execute(_NAMES, [list(LEFT_OUT)]).fetchall())
    order = TopologicalSorter({name: [one for one in sorted(before) if one in found] for name, before in found.items()})
    return list(order.static_order())


def columns(connection: Connection, table: str) -> list[str]:
    """The columns that are copied: all but what the database computes."""
    return [name for (name,) in connection.execute(_COLUMNS, [table]).fetchall()]


def shares(connection: Connection, table: str) -> dict[str, Share]:
    """How many rows of each organisation, and a sum over all their values."""
    has_owner = "tenant_id" in columns(connection, table)
    owner = sql.SQL("t.tenant_id::text" if has_owner else "''")
    query = sql.SQL(_SHARES).format(owner=owner, table=sql.Identifier(table))
    return {whose: Share(rows, total) for whose, rows, total in connection.execute(query).fetchall()}


def pieces(connection: Connection, table: str, named: list[str]) -> Iterator[bytes]:
    """What COPY says of a table, in pieces that end at the end of a row."""
    held, size = [], 0
    statement = sql.SQL("copy public.{} ({}) to stdout").format(*_quoted(table, named))
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for row in rows:
            held.append(bytes(row))
            size += len(row)
            if size >= _PIECE_BYTES:
                yield b"".join(held)
                held, size = [], 0
    if held:
        yield b"".join(held)


def fill(connection: Connection, table: str, named: list[str], content: bytes) -> None:
    """Write one piece back."""
    statement = sql.SQL("copy public.{} ({}) from stdin").format(*_quoted(table, named))
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        rows.write(content)


def fingerprint(connection: Connection, table: str, named: list[str]) -> str:
    """Of every value of every row, in their order: what `pieces` says now."""
    digest = sha256()
    for piece in pieces(connection, table, named):
        digest.update(piece)
    return digest.hexdigest()


def _quoted(table: str, named: list[str]) -> tuple[sql.Composable, sql.Composable]:
    return sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, named))
