"""`qorgan tenant create|list|suspend|resume|invite`: what the region operator's page does, from the command line."""

import argparse
import asyncio
from uuid import UUID

import psycopg

from src.platform.cli.region import found_operator
from src.platform.db import engine
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import Unit, unit
from src.platform.joining import service as joining
from src.platform.joining.schemas import Paper
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
        for field in refused.fields:
            print(f"  {field.field}: {field.message}")
        return 1
    return 0


async def _run(chosen: argparse.Namespace) -> None:
    with psycopg.connect(settings().database_url) as admin:
        operator = found_operator(admin)
    try:
        async with unit(Inside(TenantContext(operator))) as work:
            said = await _VERBS[chosen.verb](work, chosen)
        for line in said:  # a code that is not committed lets nobody in
            print(line)
    finally:
        await engine.dispose()


async def _create(work: Unit, chosen: argparse.Namespace) -> list[str]:
    new = NewOrganisation(
        kind=chosen.kind,
        code=chosen.code,
        slug=chosen.slug or chosen.code,
        name_kk=chosen.name_kk,
        name_ru=chosen.name_ru,
        name_en=chosen.name_en,
    )
    tenant_id = await service.provision(work, new)
    return [str(tenant_id), *_on_paper(await joining.call_head(work, tenant_id))]


async def _invite(work: Unit, chosen: argparse.Namespace) -> list[str]:
    return _on_paper(await joining.call_head(work, chosen.id))


async def _list(work: Unit, _chosen: argparse.Namespace) -> list[str]:
    return [
        f"{one.id}  {one.status:<9}  {one.kind:<24}  {one.code:<12}  {one.name_kk}"
        for one in await service.organisations(work)
    ]


async def _suspend(work: Unit, chosen: argparse.Namespace) -> list[str]:
    await service.set_suspended(work, chosen.id)
    return []


async def _resume(work: Unit, chosen: argparse.Namespace) -> list[str]:
    await service.set_resumed(work, chosen.id)
    return []


def _on_paper(paper: Paper) -> list[str]:
    return [
        f"Invitation ({', '.join(paper.roles)}), shown this once, until {paper.expires_at:%Y-%m-%d %H:%M} UTC:",
        f"  {paper.code}",
        f"  {paper.link}",
        f"  sign-in name without e-mail and phone: {paper.personal_name}",
    ]


_VERBS = {"create": _create, "invite": _invite, "list": _list, "suspend": _suspend, "resume": _resume}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qorgan tenant")
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="create an organisation; prints its id and the code of its first person")
    create.add_argument("--kind", required=True, choices=sorted(service.KINDS - {service.OPERATOR}))
    create.add_argument("--code", required=True)
    create.add_argument("--slug")
    for language in ("kk", "ru", "en"):
        create.add_argument(f"--name-{language}", required=True)
    verbs.add_parser("list", help="all organisations")
    for verb, tells in (
        ("suspend", "suspend an organisation"),
        ("resume", "let a suspended organisation go on"),
        ("invite", "invite the first person of an organisation that nobody works in yet"),
    ):
        verbs.add_parser(verb, help=tells).add_argument("id", type=UUID)
    return parser
