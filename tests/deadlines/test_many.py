"""What a tick costs: by what is due, not by what waits."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter, process_time
from typing import Any

import psycopg
import pytest

from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.outbox import relay
from src.platform.outbox.run import run_job
from src.platform.worker.modules import load_actors
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.queue import drain, set_clock

DUE = 50


def waiting(database: str, region: Region, number: int) -> None:
    """So many open obligations of the school that are due in years, each with its moment."""
    with psycopg.connect(database) as admin:
        values = {"tenant": region.organisations["school12"], "number": number}
        admin.execute(
            "insert into obligation (tenant_id, id, code, subject_kind, subject_id, started_at, target_at, due_at, "
            "calendar_version) select %(tenant)s, gen_random_uuid(), 'clk_investigation', 'incident', "
            "gen_random_uuid(), now(), now() + interval '5 years', now() + interval '5 years' + n * interval '1 s', "
            "'x' from generate_series(1, %(number)s) n",
            values,
        )
        admin.execute(
            "insert into wake_at (id, at, actor, args, tenant_id) select gen_random_uuid(), due_at, "
            "'deadlines.expire', jsonb_build_object('obligation', id), tenant_id from obligation "
            "where calendar_version = 'x'"
        )
        admin.execute("analyze obligation")
        admin.execute("analyze wake_at")


def due(database: str, region: Region, number: int = DUE, mark: str = "y") -> None:
    """So many that are due now, of records that do not exist: nobody may be told, the dearest end of a ladder."""
    with psycopg.connect(database) as admin:
        values = {"tenant": region.organisations["school12"], "number": number, "mark": mark}
        admin.execute(
            "with made as (insert into obligation (tenant_id, id, code, subject_kind, subject_id, started_at, "
            "target_at, due_at, calendar_version) select %(tenant)s, gen_random_uuid(), 'clk_investigation', "
            "'incident', gen_random_uuid(), now() - interval '2 days', now() - interval '1 day', "
            "now() - interval '1 minute', %(mark)s from generate_series(1, %(number)s) returning *) "
            "insert into wake_at (id, at, actor, args, tenant_id) select gen_random_uuid(), due_at, "
            "'deadlines.expire', jsonb_build_object('obligation', id), tenant_id from made",
            values,
        )


async def tick() -> tuple[int, float, float]:
    """One round of the relay: moments that fired, seconds of the wall, seconds of this process."""
    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url) as connection:
        began, spent = perf_counter(), process_time()
        fired = await relay.fire_due(connection)
        return fired, perf_counter() - began, process_time() - spent


def plan(database: str) -> Any:
    with psycopg.connect(database) as admin:
        query = "explain (analyze, buffers, format json) " + relay._WAKE.replace("%(batch)s", "200")
        found = admin.execute(query).fetchone()  # type: ignore[call-overload]
        admin.rollback()
        return found[0][0]["Plan"]


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node.get("Plans", []) for inner in nodes(child))]


def looked_at(database: str) -> int:
    """Rows of wake_at that a tick without anything due reads."""
    read = [one for one in nodes(plan(database)) if one.get("Relation Name") == "wake_at"]
    assert all(one["Node Type"] != "Seq Scan" for one in read)
    return sum(one["Actual Rows"] + one.get("Rows Removed by Filter", 0) for one in read)


async def test_a_tick_costs_by_what_is_due_and_not_by_what_waits(database: str, region: Region) -> None:
    await drain()
    waiting(database, region, 2_000)
    assert looked_at(database) == 0
    due(database, region, 3, "z")
    fired, _, _ = await tick()
    assert fired == 3
    pages = {"few": 0, "many": 0}
    pages["few"] = sum(one.get("Shared Hit Blocks", 0) for one in nodes(plan(database))[:1])
    waiting(database, region, 2_000)
    pages["many"] = sum(one.get("Shared Hit Blocks", 0) for one in nodes(plan(database))[:1])
    assert pages["many"] <= pages["few"] + 20
    await drain()
    done = "select count(*) from obligation where calendar_version = 'z' and overdue_at is not null"
    assert rows(database, done) == [(3,)]
    assert rows(
        database, "select count(*) from obligation where calendar_version = 'x' and overdue_at is not null"
    ) == [(0,)]


@pytest.mark.long
async def test_s_50_a_hundred_thousand_open_obligations_tick_within_five_seconds(
    database: str,
    region: Region,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    set_clock(database, datetime.now(LOCAL_ZONE))
    await drain()
    waiting(database, region, 100_000)
    due(database, region)
    fired, wall, _ = await tick()
    assert fired == DUE
    load_actors()
    began = process_time()  # of this process: the machine of a test has other things to do (decisions 28)
    for (outbox_id,) in rows(database, "select id from outbox where actor = 'deadlines.expire' and done_at is null"):
        assert await run_job(outbox_id)
    ran = process_time() - began
    with capsys.disabled():
        print(f"\n100,000 open: tick {wall:.3f} s, {DUE} ladders {ran:.2f} s")  # noqa: T201
    record_property("figure", f"100,000 open: tick {wall:.2f} s")
    assert wall + ran <= 5
    assert clock.now() > datetime.now(LOCAL_ZONE) - timedelta(hours=1)
