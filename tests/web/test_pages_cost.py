"""What a page costs, how its statements reach the tables, what a new column shows: for every page by itself.

Every page of every person is opened once for all of it, so a new page is looked at by itself (decisions 24, S-10, S-15).
"""

from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql

from src.platform.kit.settings import settings
from tests.support.http import Browser, Client
from tests.support.people import Region
from tests.support.plans import (
    KEPT_APART,
    OF_THE_REGION,
    READ_BY_FUNCTIONS,
    Asked,
    around_the_organisation,
    nodes,
    plan_of,
)
from tests.support.statements import Sent, sent
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.crawl

MOST_STATEMENTS = 4
DUMMY = "dummy_of_a_later_migration"


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


def pages() -> list[str]:
    return [path for method, path, handler in routes() if method == "GET" and handler.opt.get("permission")]


class Opened(NamedTuple):
    """What a page said as JSON, "" where it is something else, and what it sent to the database."""

    said: str
    sent: list[Sent]


Walk = dict[tuple[str, str], Opened]


@pytest.fixture(scope="module")
async def walk(region: Region, browser: Browser, world: World) -> Walk:
    """Every page of every person."""
    found = {}
    for who, person in region.people.items():
        client = await browser(person)
        for path in pages():
            await client.get(world.fill(path))  # keys and prepared things of a process are made once
            with sent() as seen:
                found[who, path] = Opened(await said(client, world, path), seen)
    return found


async def said(client: Client, world: World, path: str) -> str:
    answer = await client.get(world.fill(path))
    if "json" not in answer.headers["content-type"]:  # a spreadsheet holds the minute of its making
        return ""
    text = fields_of(answer.json()) if path.startswith(("/access/log/", "/queue")) else answer.text
    return f"{answer.status_code} {text}"


def test_decision_24_a_page_costs_four_statements(walk: Walk) -> None:
    assert {key: len(one.sent) for key, one in walk.items() if len(one.sent) > MOST_STATEMENTS} == {}


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


def fields_of(log: dict[str, Any]) -> str:
    """Who has looked at a record grows by every look, and so does what waits in the queue; a line must not."""
    return str([sorted(log), *sorted({str(sorted(row)) for row in log.get("rows", [])})])


async def test_s_15_a_column_of_a_later_migration_shows_nowhere(
    region: Region, browser: Browser, database: str, world: World, walk: Walk, plans: list[dict[str, Any]]
) -> None:
    assert plans, "taken before: wider rows change what the planner thinks dear"
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
    clients = {who: await browser(person) for who, person in region.people.items()}
    after = {(who, path): await said(clients[who], world, path) for who, path in walk}
    assert {key for key, one in walk.items() if one.said != after[key]} == set()
    assert not any(DUMMY in text or "canary-dummy" in text for text in after.values())


@pytest.fixture(scope="module")
def asked(region: Region, walk: Walk) -> list[Asked]:
    """Every different reading statement of every page, with the parameters and the person of its first use."""
    found: dict[str, Asked] = {}
    for (who, _), opened in walk.items():
        person = region.people[who]
        for one in opened.sent:
            # the city's role can select counters and nothing else (S-36)
            if one.role == "qorgan_app" and one.sql.lower().startswith(("select", "with")):
                found.setdefault(one.sql, (one.sql, person.tenant_id, person.user_id, one.parameters))
    return list(found.values())


@pytest.fixture(scope="module")
def plans(asked: list[Asked]) -> list[dict[str, Any]]:
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as app:
        return [plan_of(app, one) for one in asked]


def test_s_10_every_statement_of_every_page_reaches_tables_through_the_organisation(
    asked: list[Asked], plans: list[dict[str, Any]]
) -> None:
    assert len(plans) > 30
    for one, plan in zip(asked, plans, strict=True):
        assert around_the_organisation(plan) == [], one[0]


@pytest.mark.parametrize(("path", "table"), [("/incidents", "incident"), ("/cases", "child_case")])
def test_a_list_follows_an_index_to_its_newest_page_and_sorts_no_year_behind_it(
    region: Region, walk: Walk, path: str, table: str
) -> None:
    """Where sorting is forbidden, PostgreSQL still sorts what no index has in order; only rows of one moment may be."""
    url, reader = settings().role_url("qorgan_app").replace("+psycopg", ""), region.saule
    without = "-c enable_sort=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan"
    with psycopg.connect(url, autocommit=True, options=without) as app:
        plans = [
            plan_of(app, (one.sql, reader.tenant_id, reader.user_id, one.parameters))
            for one in walk["saule", path].sent
            if one.sql.lower().startswith(("select", "with"))
        ]
    pages = [under(limit) for plan in plans for limit in nodes(plan) if limit["Node Type"] == "Limit"]
    found = [page for page in pages if page and page[-1].get("Relation Name") == table]
    assert len(found) == 1
    assert [node["Node Type"] for node in found[0]][-2:] == ["Incremental Sort", "Index Scan"]


def test_a_clock_is_looked_up_with_its_record_and_not_in_a_hash_of_every_record(plans: list[dict[str, Any]]) -> None:
    """A hash is as large as the school has years."""
    clocks = [node for plan in plans for node in nodes(plan) if node.get("Relation Name") == "obligation"]
    assert any("SubPlan" in str(node.get("Filter")) for node in clocks)
    assert [node["Filter"] for node in clocks if "hashed" in str(node.get("Filter"))] == []


def test_no_index_but_a_key_passes_for_a_way_to_one_row(database: str) -> None:
    """An id behind a moment makes PostgreSQL read every row of a school to find one (ADR 38)."""
    query = """
        select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
        join pg_attribute a on a.attrelid = i.indrelid and a.attname = 'id' and a.attnum = any(i.indkey[2:])
        where not i.indisunique and c.relnamespace = 'public'::regnamespace"""
    with psycopg.connect(database) as admin:
        assert admin.execute(query).fetchall() == []


def under(limit: dict[str, Any]) -> list[dict[str, Any]]:
    """What feeds a page of a list, down to the table that is read first."""
    found, node = [], limit
    while inner := [one for one in node.get("Plans", ()) if one["Parent Relationship"] == "Outer"]:
        node = inner[0]
        found.append(node)
    return found


@pytest.mark.parametrize("table", sorted(KEPT_APART - OF_THE_REGION))
def test_s_10_every_table_has_an_index_for_the_organisation(region: Region, table: str) -> None:
    role = "qorgan_owner" if table in READ_BY_FUNCTIONS else "qorgan_app"
    url, someone = settings().role_url(role).replace("+psycopg", ""), region.saule
    with psycopg.connect(url, autocommit=True) as app:
        plan = plan_of(app, (f"select from {table}", someone.tenant_id, someone.user_id, None))
    assert around_the_organisation(plan) == []


def test_s_10_the_context_is_computed_once_for_a_table_and_never_for_a_row(plans: list[dict[str, Any]]) -> None:
    computed = 0
    for plan in plans:
        for node in nodes(plan):
            if node.get("Parent Relationship") == "InitPlan":
                assert node["Actual Loops"] <= 1, node
                computed += 1
            assert not any("ctx_tenant" in str(text) for key, text in node.items() if key not in ("Plans", "Output"))
    assert computed > 20
