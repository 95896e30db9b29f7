"""The limit: the same lists by a bare psycopg pool behind bare Litestar handlers, without tenancy, policy or audit.

python -m bench.limit PORT   (QORGAN_DATABASE_URL names the administrator's database)
"""

import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from litestar import Litestar, get, post
from litestar.datastructures import State
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from src.platform.kit.ids import incident_number

_LIST = (
    "select id, number, state, urgency, reported_at from incident where tenant_id = %s "
    "order by reported_at desc, id desc limit 50"
)
_PEOPLE = "select id, incident_id, kind from participation where tenant_id = %s and incident_id = any(%s)"
_CLOCKS = (
    "select id, subject_id, code, target_at, due_at, met_at from obligation "
    "where tenant_id = %s and subject_id = any(%s)"
)
_NAMED = "select id, encode(identity, 'hex') as name from person where tenant_id = %s limit 150"
_REPORT = (
    "insert into report (tenant_id, id, incident_id, received_at, channel, description, harmed, harm_danger, "
    "reporter_status) values (%s, %s, %s, now(), 'staff', %s, 'no', 'no', 'teacher')"
)
_INCIDENT = (
    "insert into incident (tenant_id, id, number, state, urgency, urgency_answered, reported_at) "
    "values (%s, %s, %s, 'reported', 'standard', true, now()) on conflict (tenant_id, number) do nothing"
)
_OBLIGATION = (
    "insert into obligation (tenant_id, id, code, subject_kind, subject_id, started_at, target_at, due_at, "
    "calendar_version) values (%s, %s, 'clk_screen_standard', 'incident', %s, now(), now(), now(), 'bench')"
)
_WAKE = (
    "insert into wake_at (id, at, actor, args, tenant_id) "
    "values (%s, now() + interval '9 years', 'bench.nothing', '{}', %s)"
)
_OUTBOX = (
    "insert into outbox (id, actor, args, tenant_id, target_tenant, created_at, next_at) "
    "values (%s, 'bench.nothing', '{}', %s, %s, now(), now() + interval '9 years')"
)
_AUDIT = (
    "insert into audit_log (tenant_id, seq, at, actor_id, action, subject_kind, record_ids, classes, detail, "
    "prev_hash, hash) values (%s, -(random() * 9e18)::bigint, now(), %s, 'incident.listed', 'incident', %s, "
    "array['case-sensitive'], '{}', 'x', 'x')"
)
_DRAFT = "insert into form_draft (tenant_id, id, form, page, expires_at) values (%s, %s, 'x', 'x', now())"


@get("/incidents/{tenant:uuid}")
async def listing(tenant: UUID, state: State) -> dict[str, Any]:
    """Fifty incidents with their people and clocks."""
    async with state.pool.connection() as connection:
        return {"rows": await _rows(connection, tenant)}


@get("/incidents/{tenant:uuid}/audited")
async def audited(tenant: UUID, state: State) -> dict[str, Any]:
    """The same with the row that tells who saw it, as every list of ours leaves it, but for the chain."""
    async with state.pool.connection() as connection:
        rows = await _rows(connection, tenant)
        await connection.execute(_AUDIT, (tenant, tenant, [row["id"] for row in rows]))
    return {"rows": rows}


@get("/named/{tenant:uuid}")
async def named(tenant: UUID, state: State) -> dict[str, Any]:
    """The same with as many people as stand in it."""
    async with state.pool.connection() as connection:
        rows = await _rows(connection, tenant)
        return {"rows": rows, "names": await _names(connection, tenant)}


@get("/named/{tenant:uuid}/audited")
async def named_audited(tenant: UUID, state: State) -> dict[str, Any]:
    """The same with the row that tells who saw the people."""
    async with state.pool.connection() as connection:
        rows = await _rows(connection, tenant)
        names = await _names(connection, tenant)
        await connection.execute(_AUDIT, (tenant, tenant, [UUID(one) for one in names]))
    return {"rows": rows, "names": names}


async def _names(connection: AsyncConnection[Any], tenant: UUID) -> dict[str, str]:
    people = await (await connection.execute(_NAMED, (tenant,))).fetchall()
    return {str(one["id"]): one["name"] for one in people}


async def _rows(connection: AsyncConnection[Any], tenant: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await (await connection.execute(_LIST, (tenant,))).fetchall()
    ids = [row["id"] for row in rows]
    people = await (await connection.execute(_PEOPLE, (tenant, ids))).fetchall()
    clocks = await (await connection.execute(_CLOCKS, (tenant, ids))).fetchall()
    by_id = {row["id"]: row | {"people": []} for row in rows}
    for one in people:
        by_id[one["incident_id"]]["people"].append(str(one["id"])[:8])
    for one in clocks:
        by_id[one["subject_id"]]["clock"] = one
    return list(by_id.values())


@post("/report/{tenant:uuid}", status_code=303)
async def report(tenant: UUID, data: dict[str, str], state: State) -> None:
    """The rows that a report leaves, but for the audit chain: incident, report, clock, its alarms, job, no draft."""
    async with state.pool.connection() as connection:
        await _reported(connection, tenant, data["description"])


@post("/report/{tenant:uuid}/audited", status_code=303)
async def report_audited(tenant: UUID, data: dict[str, str], state: State) -> None:
    """The same with the row that tells who reported."""
    async with state.pool.connection() as connection:
        incident = await _reported(connection, tenant, data["description"])
        await connection.execute(_AUDIT, (tenant, tenant, [incident]))


async def _reported(connection: AsyncConnection[Any], tenant: UUID, description: str) -> UUID:
    incident = uuid4()
    while (await connection.execute(_INCIDENT, (tenant, incident, incident_number()))).rowcount == 0:
        pass  # the number was taken
    await connection.execute(_REPORT, (tenant, uuid4(), incident, description.encode()))
    await connection.execute(_OBLIGATION, (tenant, uuid4(), incident))
    await connection.execute(_WAKE, (uuid4(), tenant))
    await connection.execute(_WAKE, (uuid4(), tenant))
    await connection.execute(_OUTBOX, (uuid4(), tenant, tenant))
    await connection.execute(_DRAFT, (tenant, uuid4()))
    return incident


@get("/ready")
async def ready() -> dict[str, bool]:
    """As the service has it."""
    return {"ready": True}


@asynccontextmanager
async def _pool(app: Litestar) -> AsyncIterator[None]:
    url = os.environ["QORGAN_DATABASE_URL"]
    async with AsyncConnectionPool(url, min_size=10, max_size=20, kwargs={"row_factory": dict_row}) as pool:
        app.state.pool = pool
        yield


def main() -> None:
    """Serve, with the collector tuned as the service has it."""
    app = Litestar(
        [listing, audited, named, named_audited, report, report_audited, ready],
        lifespan=[_pool],
        openapi_config=None,
        logging_config=None,
    )
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_config=None)


if __name__ == "__main__":
    main()
