"""`qorgan backup` writes one sealed file of the whole region; `qorgan backup key FILE` makes the pair of keys."""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, LiteralString

import msgspec
import psycopg
from psycopg import sql

from src.platform.cli.backup import manifest, parcel, problems, schema, tables
from src.platform.cli.backup.manifest import Manifest, Table
from src.platform.kit import clock
from src.platform.kit.settings import settings

ROLE = "qorgan_backup"
_NAME, _ENDING, _BEGUN = "qorgan-%Y%m%dT%H%M%SZ", ".age", ".part"


def main(arguments: list[str]) -> int:
    """Run one verb. Raises LocalProblemError."""
    parser = argparse.ArgumentParser(prog="qorgan backup", description=__doc__)
    parser.add_argument("--to", type=Path, help="the folder of the file; else QORGAN_BACKUP_DIR")
    verbs = parser.add_subparsers(dest="verb")
    making = verbs.add_parser("key", help="make a private key, on a machine that is not the service's")
    making.add_argument("file", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.verb == "key":
        return _make_key(chosen.file)
    folder = chosen.to or settings().backup_dir
    if folder is None:
        parser.error("name a folder: --to FOLDER or QORGAN_BACKUP_DIR")
    began = time.monotonic()
    file, made = take(folder)
    rows = sum(table.rows for table in made.tables.values())
    print(f"{file}")
    print(f"{rows} rows of {len(made.tables)} tables, {len(made.chains)} audit chains, {file.stat().st_size} bytes")
    print(f"As of {made.taken_at:%Y-%m-%d %H:%M:%S} UTC, made in {time.monotonic() - began:.1f} s")
    for old in _forget(folder, made.taken_at):
        print(f"Deleted, too old: {old.name}")
    return 0


def take(folder: Path) -> tuple[Path, Manifest]:
    """Make one backup; the file appears whole or not at all. Raises LocalProblemError."""
    to = parcel.recipients(settings().backup_recipients)
    at = clock.real_now()
    file = folder / (at.strftime(_NAME) + _ENDING)
    try:
        with psycopg.connect(settings().role_url(ROLE).replace("+psycopg", "")) as connection, _whole(file) as out:
            _look_at_everything(connection)
            with parcel.packed(out, to) as writer:
                return file, _write(connection, writer, at)
    except psycopg.errors.InsufficientPrivilege as refused:
        table = refused.diag.table_name or refused.diag.message_primary or "a table may not be read"
        raise problems.not_whole(table) from None
    except psycopg.OperationalError:
        raise problems.unreachable() from None
    except OSError as error:
        raise problems.no_place(folder, error) from None


def _look_at_everything(connection: tables.Connection) -> None:
    """One snapshot for rows, counts and manifest alike; where a policy would hide rows, reading is an error (S-51)."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    for setting in tables.PLAIN:
        connection.execute(setting)
    connection.execute("set local row_security = off")
    role = connection.execute("select rolbypassrls from pg_roles where rolname = current_user").fetchone()
    if role != (True,):
        raise problems.not_whole("the role qorgan_backup does not have BYPASSRLS")
    for name in tables.names(connection):  # no migration may begin in between
        connection.execute(sql.SQL("lock table public.{} in access share mode").format(sql.Identifier(name)))


def _write(connection: tables.Connection, writer: parcel.Writer, at: datetime) -> Manifest:
    writer.put("format", str(manifest.FORMAT).encode())
    found = {name: _write_table(connection, writer, name) for name in tables.names(connection)}
    made = Manifest(
        format=manifest.FORMAT,
        taken_at=at,
        migration=_one(connection, "select version_num from alembic_version"),
        server=_one(connection, "show server_version"),
        tables=found,
        left_out=sorted(tables.LEFT_OUT),
        chains=chains(connection),
        schema=schema.read(connection),
    )
    content = msgspec.json.encode(made)
    writer.put("manifest.json", content)
    writer.put("manifest.signature", manifest.signature(content, settings().key("checkpoint")))
    return made


def _write_table(connection: tables.Connection, writer: parcel.Writer, name: str) -> Table:
    digest, named = sha256(), tables.columns(connection, name)
    for number, piece in enumerate(tables.pieces(connection, name, named)):
        digest.update(piece)
        writer.put(f"tables/{name}/{number:06}", piece)
    return Table(named, digest.hexdigest(), tables.shares(connection, name))


def chains(connection: tables.Connection) -> dict[str, tuple[int, str]]:
    """The heads of all audit chains."""
    rows = connection.execute("select tenant_id::text, seq, encode(hash, 'hex') from audit_head order by 1").fetchall()
    return {tenant_id: (seq, digest) for tenant_id, seq, digest in rows}


def _one(connection: tables.Connection, query: LiteralString) -> str:
    ((value,),) = connection.execute(query).fetchall()
    return str(value)


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """The file to write into. It gets its name when it is whole and on the disk; broken off, nothing of it is left."""
    file.parent.mkdir(parents=True, exist_ok=True)
    begun = file.with_suffix(_BEGUN)
    try:
        with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        begun.replace(file)
    finally:
        begun.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _forget(folder: Path, now: datetime) -> list[Path]:
    """Delete what is too old, and what a killed backup began. The newest was made just now, so one is always left."""
    gone = []
    for ending, days in ((_ENDING, settings().backup_days), (_BEGUN, 1)):
        for file in sorted(folder.glob(f"qorgan-*{ending}")):
            try:
                at = datetime.strptime(file.name, _NAME + ending).replace(tzinfo=UTC)
            except ValueError:
                continue  # another file, not ours to delete
            if now - at > timedelta(hours=24 * days):
                file.unlink()
                gone.append(file)
    return gone


def _make_key(file: Path) -> int:
    private, public = parcel.new_key()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(private)
    except FileExistsError:
        raise problems.key_exists(file) from None
    except OSError as error:
        raise problems.no_place(file.parent, error) from None
    print(f"Private key: {file}. Keep it on two media in two safes, on no machine that serves; nothing replaces it.")
    print(f"Public key, for QORGAN_BACKUP_RECIPIENTS of the service:\n{public}")
    return 0
