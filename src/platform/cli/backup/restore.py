"""`qorgan restore FILE --key KEY` brings a region back into an empty database and compares it with what the file says.

With `--verify` it is a drill: nothing outside the database is touched, and the database is emptied again afterwards.
"""

import argparse
import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg

from src.platform.audit import checkpoint, restoration
from src.platform.audit.restoration import Restoration
from src.platform.cli import audit as chains
from src.platform.cli import retention
from src.platform.cli.backup import loading, problems, reading
from src.platform.cli.backup.manifest import Manifest
from src.platform.db import catalogue, engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit import clock
from src.platform.kit.crypto import SealBrokenError
from src.platform.kit.settings import settings
from src.platform.migrations import run as migrations
from src.platform.migrations.registry import metadata
from src.platform.vault.keys import keys_of

_OWNER = "qorgan_owner"
_FILLED = """
    select c.relname from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
    order by 1 limit 3"""

AFTERWARDS: tuple[Callable[[], None], ...] = (retention.afterwards,)
"""Runs when the rows are back and before anybody is let in: what was erased since the backup is erased again here."""


def main(arguments: list[str]) -> int:
    """Restore; 1 when what came back is not what the backup says. Raises LocalProblemError."""
    parser = argparse.ArgumentParser(prog="qorgan restore", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="the file of the private key")
    parser.add_argument("--verify", action="store_true", help="only see whether it can be done")
    parser.add_argument("--signed-by", type=bytes.fromhex, help="what `qorgan audit key` printed, hex")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    found = reading.check(chosen.file, chosen.key, chosen.signed_by or checkpoint.public_key())
    print(f"{chosen.file.name}: whole and signed, as of {found.taken_at:%Y-%m-%d %H:%M:%S} UTC")
    try:
        _refuse_unless_empty()
        wrong = _restore(chosen.file, chosen.key, found, is_drill=chosen.verify)
    except psycopg.OperationalError:
        raise problems.broke_off() from None
    for line in wrong:
        print(f"DIFFERENT {line}")
    took = time.monotonic() - began
    if wrong:
        print(f"{len(wrong)} differences after {took:.1f} s. The database is empty again.")
        return 1
    print(f"Restored and compared in {took:.1f} s. {_last_word(is_drill=chosen.verify)}")
    return 0


def _last_word(*, is_drill: bool) -> str:
    if is_drill:
        return "This was a drill: the database is empty again."
    return "Start the processes now; what was entered after the backup has to be entered again."


def _refuse_unless_empty() -> None:
    with psycopg.connect(settings().database_url) as admin:
        if found := [name for (name,) in admin.execute(_FILLED).fetchall()]:
            raise problems.not_empty(", ".join(found))


def _restore(file: Path, key: Path, found: Manifest, *, is_drill: bool) -> list[str]:
    """What differs. The rows are one transaction; whatever goes wrong, the database is empty again."""
    if not is_drill:
        _look_at_folders()
    try:
        migrations.main(to=found.migration)
        with psycopg.connect(_owner_url()) as owner:
            wrong, done = loading.load(owner, file, key, found)
            if wrong:
                owner.rollback()
        wrong = wrong or _brought_forward(found)
        if not wrong and not is_drill:
            for act in AFTERWARDS:
                act()
            _say(done)
            restoration.tell(found.taken_at, _heads(found))
    except BaseException:
        _empty()
        raise
    if wrong or is_drill:
        _empty()
    return wrong


def _brought_forward(found: Manifest) -> list[str]:
    """Migrate to the present schema; what a process would refuse at its start, and what the chains and keys say."""
    migrations.main()
    with psycopg.connect(_owner_url(), autocommit=True) as owner:
        owner.execute("analyze")
    with psycopg.connect(settings().database_url) as admin:
        wrong = catalogue.offences(admin, metadata)
    asyncio.run(_open_every_key([UUID(one) for one in found.chains]))
    lost = Restoration(clock.real_now(), found.taken_at, _heads(found), "")
    outside = checkpoint.outside().found
    verdicts = asyncio.run(chains.verify(checkpoint.remembered(outside, checkpoint.public_key(), lost.loses)))
    rows = sum(one.rows for one in verdicts)
    print(f"{len(verdicts)} audit chains with {rows} rows computed again, against {len(outside)} checkpoints")
    return wrong + [f"audit chain {one.tenant_id}: broken at row {one.broken_at}" for one in verdicts if one.broken_at]


async def _open_every_key(organisations: list[UUID]) -> None:
    """Rows without their keys are no restore. Raises LocalProblemError."""
    try:
        for one in organisations:
            async with unit(Inside(TenantContext(one))) as work:
                await keys_of(work)
    except SealBrokenError:
        raise problems.other_master_key() from None
    finally:
        await engine.dispose()


def _heads(found: Manifest) -> dict[UUID, tuple[int, str]]:
    return {UUID(one): head for one, head in found.chains.items()}


def _look_at_folders() -> None:
    for folder in settings().checkpoint_dirs:
        try:
            restoration.try_folder(folder)
        except OSError:
            raise problems.no_checkpoint_place(folder) from None


def _empty() -> None:
    """Everything that we made goes: the database was empty before."""
    with psycopg.connect(_owner_url()) as owner:
        owner.execute("drop owned by current_user cascade")


def _owner_url() -> str:
    return settings().role_url(_OWNER).replace("+psycopg", "")


def _say(done: dict[str, int]) -> None:
    print("Every session has ended; also ended, or held: " + ", ".join(f"{n} {what}" for what, n in done.items()))
