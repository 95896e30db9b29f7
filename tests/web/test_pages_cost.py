"""What a page costs and what a new column shows, for every page by itself (decisions 24, S-15)."""

from typing import Any

import psycopg
import pytest
from psycopg import sql

from src.platform.web.app import create_app
from tests.support.http import Browser
from tests.support.people import Region
from tests.support.statements import sent
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.crawl

MOST_STATEMENTS = 4
DUMMY = "dummy_of_a_later_migration"


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


def pages() -> list[str]:
    return [path for method, path, handler in routes(create_app()) if method == "GET" and handler.opt.get("permission")]


async def test_decision_24_a_page_costs_four_statements(region: Region, browser: Browser, world: World) -> None:
    dear: dict[str, int] = {}
    for person in region.people.values():
        client = await browser(person)
        for path in pages():
            await client.get(world.fill(path))  # keys and prepared things of a process are made once
            with sent() as seen:
                await client.get(world.fill(path))
            dear[path] = max(dear.get(path, 0), len(seen))
    assert {path: number for path, number in dear.items() if number > MOST_STATEMENTS} == {}


async def test_decision_25_drafts_cost_one_statement_more_and_only_people(
    region: Region, browser: Browser, world: World
) -> None:
    saule = await browser(region.saule)
    for path in [*pages(), "/incidents/{incident_id:uuid}/steps/finish"]:
        with sent() as shown:
            await saule.page(world.fill(path))
        with sent() as told:
            await saule.get(world.fill(path))
        drafts = [one for one in shown if "form_draft" in one.sql]
        assert len(drafts) <= 1, path
        assert len(shown) - len(drafts) <= MOST_STATEMENTS, path
        assert not any("form_draft" in one.sql for one in told), path


async def answers(region: Region, browser: Browser, world: World) -> dict[tuple[str, str], str]:
    found = {}
    for who, person in region.people.items():
        client = await browser(person)
        for path in pages():
            answer = await client.get(world.fill(path))
            if "json" in answer.headers["content-type"]:  # a spreadsheet holds the minute of its making
                text = fields_of(answer.json()) if path.startswith(("/access/log/", "/queue")) else answer.text
                found[who, path] = f"{answer.status_code} {text}"
    return found


def fields_of(log: dict[str, Any]) -> str:
    """Who has looked at a record grows by every look, and so does what waits in the queue; a line must not."""
    return str([sorted(log), *sorted({str(sorted(row)) for row in log.get("rows", [])})])


async def test_s_15_a_column_of_a_later_migration_shows_nowhere(
    region: Region, browser: Browser, database: str, world: World
) -> None:
    before = await answers(region, browser, world)
    with psycopg.connect(database) as admin:
        tables = admin.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (table,) in tables:
            admin.execute(
                sql.SQL("alter table {} add column {} text default 'canary-dummy'").format(
                    sql.Identifier(table), sql.Identifier(DUMMY)
                )
            )
    after = await answers(region, browser, world)
    assert {key for key in before if before[key] != after[key]} == set()
    assert not any(DUMMY in text or "canary-dummy" in text for text in after.values())
