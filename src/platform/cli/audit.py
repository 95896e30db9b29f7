"""`qorgan audit verify`: computes every chain again and holds it against the signed checkpoints; 1 if one is broken."""

import argparse
import asyncio

import msgspec
import psycopg

from src.platform.audit import checkpoint
from src.platform.audit.checkpoint import Checkpoint, Memory
from src.platform.audit.verify import Verdict, verify_chain
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.settings import settings


def main(arguments: list[str]) -> int:
    """Verify all chains and print a line each."""
    parser = argparse.ArgumentParser(prog="qorgan audit")
    parser.add_subparsers(dest="verb", required=True).add_parser("verify", help="compute every chain again")
    parser.parse_args(arguments)
    memory = checkpoint.remembered([*checkpoint.outside(), *_inside()])
    verdicts = asyncio.run(verify(memory))
    for verdict in verdicts:
        state = "clean" if verdict.broken_at is None else f"BROKEN at row {verdict.broken_at}"
        print(f"{verdict.tenant_id}  {verdict.rows:>8} rows  {state}")
    for at in memory.forged:
        print(f"The checkpoint of {at:%Y-%m-%d %H:%M} UTC is FORGED: our key did not sign it")
    return int(bool(memory.forged) or any(verdict.broken_at is not None for verdict in verdicts))


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


def _inside() -> list[Checkpoint]:
    with psycopg.connect(settings().database_url) as admin:
        found = admin.execute("select at, heads, encode(signature, 'hex') from audit_checkpoint").fetchall()
    return [msgspec.convert({"at": at, "heads": heads, "signature": sealed}, Checkpoint) for at, heads, sealed in found]
