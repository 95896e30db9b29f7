"""What PostgreSQL does with a statement: whether the organisation is in the index and its context computed once (S-10).

Tables of a test are small: the planner is told that reading a whole table is dear, as it is in a table of a region.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg

from src.platform.db.context import TenantContext
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata

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
