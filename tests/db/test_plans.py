"""What PostgreSQL does with the statements of the pages: the organisation is in the index, its context computed once.

Every page of every person is crawled and each statement it sends explained, so a new page is explained by itself (S-10).
Tables of a test are small: the planner is told that reading a whole table is dear, as it is in a table of a region.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from src.platform.db.context import TenantContext
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata
from tests.support.http import Browser
from tests.support.people import Region
from tests.support.statements import sent
from tests.support.world import World, lived
from tests.web.test_pages_cost import pages

pytestmark = pytest.mark.crawl
KEPT_APART = {mapped.name for mapped in metadata.sorted_tables if "tenant_id" in mapped.columns}
OF_THE_REGION = {
    "user_tenant",
    "user_session",
    "outbox",
    "wake_at",
    "invitation_code",
    "report_link_code",
    "calendar_feed_code",
    "service_catalogue",
    "api_token_code",
}
READ_BY_FUNCTIONS = {"report_receipt"}
"""The application may not read them; the owner, who runs the functions, is kept to the organisation all the same."""
Asked = tuple[str, UUID, UUID, Any]


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


@pytest.fixture(scope="module")
async def asked(region: Region, browser: Browser, world: World) -> list[Asked]:
    """Every different reading statement of every page, with the parameters and the person of its first use."""
    found: dict[str, Asked] = {}
    for person in region.people.values():
        client = await browser(person)
        for path in pages():
            with sent() as seen:
                await client.get(world.fill(path))
            for one in seen:
                # the city's role can select counters and nothing else (S-36)
                if one.role == "qorgan_app" and one.sql.lower().startswith(("select", "with")):
                    found.setdefault(one.sql, (one.sql, person.tenant_id, person.user_id, one.parameters))
    return list(found.values())


def plan_of(app: psycopg.Connection[Any], one: Asked) -> dict[str, Any]:
    statement, tenant_id, user_id, parameters = one
    context = TenantContext(tenant_id, user_id).signed(settings().key("context"))
    with app.transaction(force_rollback=True):
        app.execute("select set_config('qorgan.ctx', %s, true), set_config('enable_seqscan', 'off', true)", (context,))
        cursor = psycopg.RawCursor(app) if isinstance(parameters, list) else app.cursor()  # prepared, with numbers
        row = cursor.execute("explain (analyze, format json) " + statement, parameters).fetchone()  # type: ignore[call-overload]
    plan: dict[str, Any] = row[0][0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def keeps_to_the_organisation(node: dict[str, Any]) -> bool:
    """Whether the index, or the bitmap of indexes, is asked for rows of the organisation only."""
    inner = [one for one in node.get("Plans", ()) if one["Parent Relationship"] in ("Outer", "Member")]
    match node["Node Type"]:
        case "Bitmap Heap Scan":
            return keeps_to_the_organisation(inner[0])
        case "BitmapAnd":
            return any(map(keeps_to_the_organisation, inner))
        case "BitmapOr":
            return all(map(keeps_to_the_organisation, inner))
        case _:
            return "tenant_id = " in node.get("Index Cond", "")


def around_the_organisation(plan: dict[str, Any]) -> list[str]:
    """Tables of organisations that a plan reaches in another way."""
    read = [node for node in nodes(plan) if node.get("Relation Name") in KEPT_APART - OF_THE_REGION]
    return [f"{node['Relation Name']}: {node['Node Type']}" for node in read if not keeps_to_the_organisation(node)]


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
