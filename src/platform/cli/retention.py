"""`qorgan retention reapply`: after a restore, what was erased before is erased again (S-53, ADR 33).

The ledger stands outside the database's host, beside the audit checkpoints; `--ledger` names further files of it. A
line that our key did not sign, or that is damaged, stops everything: nothing is guessed.
"""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg

from src.platform.cli.local.problems import LocalProblemError
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.settings import settings
from src.platform.retention import ledger, service


class LedgerBrokenError(LocalProblemError):
    """A line of the ledger is damaged or forged."""

    def __init__(self) -> None:
        """Say it in words."""
        super().__init__(
            "A line of the ledger of erasures is damaged or not signed by our key, so nothing was erased. Compare the "
            "copies of the ledger in the folders of QORGAN_CHECKPOINT_DIRS and take the whole one."
        )


def main(arguments: list[str]) -> int:
    """Run one verb. Raises LedgerBrokenError."""
    parser = argparse.ArgumentParser(prog="qorgan retention")
    verbs = parser.add_subparsers(dest="verb", required=True)
    again = verbs.add_parser("reapply", help="erase again what was erased before a restore")
    again.add_argument("--ledger", type=Path, action="append", default=[], help="a further file of the ledger")
    chosen = parser.parse_args(arguments)
    print(asyncio.run(_reapplied(chosen.ledger)))
    return 0


async def reapply(more: Sequence[Path] = ()) -> tuple[int, int]:
    """(lines of the ledger, records erased again). Raises LedgerBrokenError before anything is erased."""
    records: dict[UUID, list[UUID]] = defaultdict(list)
    try:
        lines = list(ledger.lines(more))
    except msgspec.DecodeError:
        raise LedgerBrokenError from None
    if not all(line.is_genuine() for line in lines):
        raise LedgerBrokenError
    for line in lines:
        records[line.tenant].append(line.record)
    with psycopg.connect(settings().database_url) as admin:
        known = {row[0] for row in admin.execute("select id from tenants").fetchall()}
    again = 0
    for tenant_id in sorted(records.keys() & known):
        async with unit(Inside(TenantContext(tenant_id)), role="qorgan_owner") as work:
            again += await service.destroy_again(work, records[tenant_id])
    return len(lines), again


def afterwards() -> None:
    """The last step of a restore, before anybody is let in. Raises LedgerBrokenError."""
    print(asyncio.run(_reapplied(())))


async def _reapplied(more: Sequence[Path]) -> str:
    try:
        lines, again = await reapply(more)
    finally:
        await engine.dispose()
    return f"{lines} erasures in the ledger; {again} records were here again and are erased."
