"""`qorgan audit verify`: computes every chain again and holds it against the signed checkpoints; 1 if one is broken.

`qorgan audit key` prints the public half of the signing key. Keep it on paper and give it to `verify --key`: then
somebody who owns this whole machine, key included, is found too.
"""

import argparse
import asyncio
from collections.abc import Iterator
from datetime import datetime

import psycopg

from src.platform.audit import checkpoint, restoration
from src.platform.audit.checkpoint import Lines, Memory
from src.platform.audit.restoration import Told
from src.platform.audit.verify import Verdict, verify_chain
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.settings import settings

_MOMENT = "%Y-%m-%d %H:%M UTC"


def main(arguments: list[str]) -> int:
    """Run one verb."""
    parser = argparse.ArgumentParser(prog="qorgan audit")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("key", help="print the public key of the checkpoints")
    checking = verbs.add_parser("verify", help="compute every chain again")
    checking.add_argument("--key", type=bytes.fromhex, help="the public key as it was printed once, hex")
    chosen = parser.parse_args(arguments)
    if chosen.verb == "key":
        print(checkpoint.public_key().hex())
        return 0
    return _verify(chosen.key or checkpoint.public_key())


def _verify(public: bytes) -> int:
    outside, inside, restored = checkpoint.outside(), _inside(), restoration.told(public)
    memory = checkpoint.remembered([*outside.found, *inside.found], public, restored.loses)
    verdicts = asyncio.run(verify(memory))
    for verdict in verdicts:
        state = "clean" if verdict.broken_at is None else f"BROKEN at row {verdict.broken_at}"
        print(f"{verdict.tenant_id}  {verdict.rows:>8} rows  {state}")
    print(_known(memory))
    for one in restored.genuine:
        print(f"Restored on {one.at:{_MOMENT}} from a backup of {one.taken_at:{_MOMENT}}: what came between is lost")
    wrong = list(_complaints(memory, outside, inside, restored))
    for line in wrong:
        print(line)
    return int(bool(wrong) or any(verdict.broken_at is not None for verdict in verdicts))


def _known(memory: Memory) -> str:
    if not memory.moments:
        return "No checkpoint: each chain was verified in itself only"
    return f"{len(memory.moments)} checkpoints, the last of {max(memory.moments):{_MOMENT}}"


def _complaints(memory: Memory, outside: Lines, inside: Lines, restored: Told) -> Iterator[str]:
    for at in memory.forged:
        yield f"The checkpoint of {at:{_MOMENT}} is FORGED: our key did not sign it"
    for at in sorted(_moments(outside) & memory.moments - _moments(inside)):
        if not restored.explains(at):
            yield f"The checkpoint of {at:{_MOMENT}} is MISSING in the database"
    if restored.doubtful:
        yield f"{restored.doubtful} lines about restores are FORGED or DAMAGED: they excuse nothing"
    for place, lines in (("outside", outside), ("inside", inside)):
        if lines.damaged:
            yield f"{lines.damaged} checkpoints {place} the database are DAMAGED"


def _moments(lines: Lines) -> set[datetime]:
    return {line.at for line in lines.found}


async def verify(memory: Memory) -> list[Verdict]:
    """The verdict on every organisation's chain, with what the checkpoints remember of it."""
    with psycopg.connect(settings().database_url) as admin:
        ids = {row[0] for row in admin.execute("select id from tenants").fetchall()}
    found = []
    try:
        for tenant_id in sorted(ids | memory.rows.keys()):
            async with unit(Inside(TenantContext(tenant_id))) as work:
                found.append(await verify_chain(work, memory.rows.get(tenant_id, {})))
    finally:
        await engine.dispose()
    return found


def _inside() -> Lines:
    with psycopg.connect(settings().database_url) as admin:
        found = admin.execute("select at, heads, encode(signature, 'hex') from audit_checkpoint").fetchall()
    return checkpoint.inside(found)
