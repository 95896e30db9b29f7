"""`qorgan audit verify`: every chain of the region is computed again; 1 when one is broken (S-40)."""

import argparse
import asyncio

import psycopg

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
    verdicts = asyncio.run(verify())
    for verdict in verdicts:
        state = "clean" if verdict.broken_at is None else f"BROKEN at row {verdict.broken_at}"
        print(f"{verdict.tenant_id}  {verdict.rows:>8} rows  {state}")
    return int(any(verdict.broken_at is not None for verdict in verdicts))


async def verify() -> list[Verdict]:
    """The verdict on every organisation's chain."""
    with psycopg.connect(settings().database_url) as admin:
        ids = [row[0] for row in admin.execute("select id from tenants order by code").fetchall()]
    found = []
    try:
        for tenant_id in ids:
            async with unit(Inside(TenantContext(tenant_id))) as work:
                found.append(await verify_chain(work))
    finally:
        await engine.dispose()
    return found
