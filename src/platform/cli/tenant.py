"""`qorgan tenant create|list|suspend`: what the region operator's page does, from the command line."""

import argparse
import asyncio
from uuid import UUID

import psycopg

from src.platform.cli.region import found_operator
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.errors import QorganError
from src.platform.kit.settings import settings
from src.platform.tenants import service
from src.platform.tenants.schemas import NewOrganisation


def main(arguments: list[str]) -> int:
    """Run one verb; 1 when the service says no."""
    chosen = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(chosen))
    except QorganError as refused:
        print(f"{refused.title} ({refused.code})")
        return 1
    return 0


async def _run(chosen: argparse.Namespace) -> None:
    with psycopg.connect(settings().database_url) as admin:
        operator = found_operator(admin)
    try:
        async with unit(Inside(TenantContext(operator))) as work:
            if chosen.verb == "create":
                new = NewOrganisation(
                    kind=chosen.kind,
                    code=chosen.code,
                    slug=chosen.slug or chosen.code,
                    name_kk=chosen.name_kk,
                    name_ru=chosen.name_ru,
                    name_en=chosen.name_en,
                )
                print(await service.provision(work, new))
            elif chosen.verb == "suspend":
                await service.set_suspended(work, chosen.id)
            else:
                for one in await service.organisations(work):
                    print(f"{one.id}  {one.status:<9}  {one.kind:<24}  {one.code:<12}  {one.name_kk}")
    finally:
        await engine.dispose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qorgan tenant")
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="create an organisation; prints its id")
    create.add_argument("--kind", required=True, choices=sorted(service.KINDS - {"region_operator"}))
    create.add_argument("--code", required=True)
    create.add_argument("--slug")
    for language in ("kk", "ru", "en"):
        create.add_argument(f"--name-{language}", required=True)
    verbs.add_parser("list", help="all organisations")
    suspend = verbs.add_parser("suspend", help="suspend an organisation")
    suspend.add_argument("id", type=UUID)
    return parser
