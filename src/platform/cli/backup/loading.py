"""Writing the rows of a backup back and comparing them, in the one transaction of the owner of the schema.

Only rows come out of the file; the schema comes from our own migrations, so a file cannot bring a function with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from src.platform.cli.backup import problems, reading, schema, settle, tables
from src.platform.cli.backup.manifest import Manifest, Table
from src.platform.cli.backup.run import chains

_FORCED = "select relname from pg_class where relnamespace = 'public'::regnamespace and relforcerowsecurity"


def load(owner: tables.Connection, file: Path, key: Path, said: Manifest) -> tuple[list[str], dict[str, int]]:
    """Fill the empty tables; what differs from the manifest, in words, and what `settle` did where nothing does.

    Raises LocalProblemError. The caller rolls back where something differs.
    """
    for setting in tables.PLAIN:
        owner.execute(setting)
    names = tables.names(owner)
    if strange := sorted(set(names) ^ said.tables.keys()):
        return [f"tables: only one side has {name}" for name in strange], {}
    every = sql.SQL(", ").join(sql.Identifier("public", name) for name in names)
    owner.execute(sql.SQL("truncate {} cascade").format(every))  # the migrations write first rows
    with _open_to_the_owner(owner, names):
        bent = _fill(owner, file, key, said)
        wrong = [line for name in names for line in _compared(owner, name, said.tables[name])]
        wrong += [f"{name}: the file was exchanged while it was read" for name in bent] + _heads_compared(owner, said)
        done = {} if wrong else settle.down(owner, said.taken_at)
    return wrong + schema.differences(said.schema, schema.read(owner)), done


def _heads_compared(owner: tables.Connection, said: Manifest) -> list[str]:
    found = chains(owner)
    both = sorted(found.keys() | said.chains.keys())
    return [f"audit chain {one}: another head" for one in both if found.get(one) != said.chains.get(one)]


def _fill(owner: tables.Connection, file: Path, key: Path, said: Manifest) -> list[str]:
    """Tables whose bytes are not those that were checked."""
    digests = {name: sha256() for name in said.tables}
    at = ""
    try:
        with reading.members(file, key) as found:
            for name, content in found:
                if (table := reading.table_of(name)) is not None and table in digests:
                    at = table
                    digests[at].update(content)
                    tables.fill(owner, at, said.tables[at].columns, content)
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.InternalError, psycopg.ProgrammingError):
        raise problems.does_not_fit(at) from None  # what the server says holds the row
    return [name for name, digest in digests.items() if digest.hexdigest() != said.tables[name].sha256]


def _compared(owner: tables.Connection, name: str, said: Table) -> list[str]:
    found = tables.shares(owner, name)
    wrong = []
    for whose in sorted(found.keys() | said.shares.keys()):
        here, there = found.get(whose), said.shares.get(whose)
        if here != there:
            counts = f"{here.rows if here else 0} rows instead of {there.rows if there else 0}"
            wrong.append(f"{name} of {whose or 'the region'}: {counts}, or other values in them")
    if not wrong and tables.fingerprint(owner, name, said.columns) != said.sha256:
        wrong.append(f"{name}: rows in another order or with other values")
    return wrong


@contextmanager
def _open_to_the_owner(owner: tables.Connection, names: list[str]) -> Iterator[None]:
    """Inside, forced row-level security does not bind the owner and triggers sleep; behind it both are as they were."""
    forced = [name for (name,) in owner.execute(_FORCED).fetchall()]
    _alter(owner, names, "disable trigger user")
    _alter(owner, forced, "no force row level security")
    yield  # after an error the transaction is over anyway
    _alter(owner, names, "enable trigger user")
    _alter(owner, forced, "force row level security")


def _alter(owner: tables.Connection, names: list[str], how: LiteralString) -> None:
    for name in names:
        owner.execute(sql.SQL("alter table {} {}").format(sql.Identifier("public", name), sql.SQL(how)))
