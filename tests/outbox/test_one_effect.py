"""An outbox row is lease and idempotency key: one effect or none, whatever fails (S-42, S-44, S-48)."""

import ast
import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from src.platform.db.context import TenantContext
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.outbox import actors, relay, service
from src.platform.outbox.actors import actor
from src.platform.outbox.run import MOST_ATTEMPTS, run_job
from src.platform.tenants import service as tenants
from tests.support.http import Browser
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import drain, set_clock

calls: list[UUID] = []


@actor("trial.count")
async def _count(unit: Unit, token: UUID) -> None:
    calls.append(token)
    await tenants.change_setting(unit, "school_week", len(calls))


@actor("trial.fail")
async def _fail(unit: Unit, token: UUID) -> None:
    await tenants.change_setting(unit, "school_week", 99)
    raise RuntimeError(str(token))


async def queued(region: Region, name: str) -> UUID:
    async with inside(region.organisations["school12"]) as work:
        return await service.emit(work, name, {"token": region.marat.user_id})


async def test_s_44_two_workers_race_and_one_effect_is_left(region: Region) -> None:
    calls.clear()
    row = await queued(region, "trial.count")
    done = await asyncio.gather(*(run_job(row) for _ in range(5)))
    assert sum(done) == 1
    assert len(calls) == 1
    assert await run_job(row) is False


async def test_s_42_a_rolled_back_change_leaves_no_row(region: Region, database: str) -> None:
    with pytest.raises(RuntimeError):
        async with inside(region.organisations["school12"]) as work:
            row = await service.emit(work, "trial.count", {"token": region.marat.user_id})
            raise RuntimeError
    with psycopg.connect(database) as admin:
        assert admin.execute("select from outbox where id = %s", (row,)).fetchone() is None


async def test_s_48_a_failing_row_keeps_no_effect_and_ends_dead_for_a_person_to_see(
    region: Region, database: str
) -> None:
    row = await queued(region, "trial.fail")
    with psycopg.connect(database, autocommit=True) as admin:
        for _ in range(MOST_ATTEMPTS):
            admin.execute("update outbox set attempts = attempts + 1 where id = %s", (row,))
            assert await run_job(row) is False
        state = admin.execute("select dead_at is not null, failure from outbox where id = %s", (row,)).fetchone()
    assert state == (True, "RuntimeError")  # the kind of error, never its text
    async with inside(region.organisations["school12"]) as work:
        assert await tenants.setting(work, "school_week") != 99


async def test_s_48_what_died_is_told_within_a_minute_and_stays_until_a_person_closes_it(
    browser: Browser, region: Region, database: str
) -> None:
    rung = [await queued(region, "trial.fail") for _ in range(2)]
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("update outbox set attempts = %s where id = any(%s)", (MOST_ATTEMPTS, rung))
        for row in rung:
            assert await run_job(row) is False
        await drain()
        set_clock(database, clock.real_now() + timedelta(days=8))
        await drain()
        oleg, daulet = await browser(region.oleg), await browser(region.daulet)
        known = {one["id"]: one for one in (await oleg.get("/queue")).json()["rows"]}
        assert {str(row) for row in rung} <= known.keys()
        assert {known[str(row)]["failure"] for row in rung} == {"RuntimeError"}
        said = [one for one in (await oleg.get("/messages")).json()["rows"] if one["kind"] == "queue_dead"]
        assert [one["unread"] for one in said] == [True]  # once, until it was read
        assert str(region.marat.user_id) not in (await oleg.page("/queue")).text  # no argument, no record
        assert (await daulet.act(f"/queue/{rung[0]}/close")).status_code == 403
        assert (await oleg.act(f"/queue/{rung[0]}/close")).status_code == 303
        assert (await oleg.act(f"/queue/{rung[0]}/close")).status_code == 404
        assert await run_job(rung[0]) is False
        left = {one["id"] for one in (await oleg.get("/queue")).json()["rows"]}
        assert (str(rung[0]) in left, str(rung[1]) in left) == (False, True)
        audit = "select action, actor_id from audit_log where %s = any(record_ids)"
        assert admin.execute(audit, (rung[0],)).fetchall() == [("queue.closed", region.oleg.user_id)]
    set_clock(database, clock.real_now())


def test_s_48_the_application_cannot_reach_the_queue_from_another_organisation(region: Region, database: str) -> None:
    url = settings().role_url("qorgan_app").replace("+psycopg", "")
    context = TenantContext(region.organisations["school12"]).signed(settings().key("context"))
    for call in (
        "select * from queue_state()",
        f"select queue_again('{new_id()}')",
        f"select queue_close('{new_id()}')",
    ):
        with psycopg.connect(url) as app:
            app.execute("select set_config('qorgan.ctx', %s, true)", (context,))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(call)  # type: ignore[call-overload]


def test_s_49_an_actor_takes_ids_numbers_and_enums_only() -> None:
    with pytest.raises(TypeError):

        @actor("trial.text")
        async def _text(unit: Unit, name: str) -> None: ...

    assert "trial.text" not in actors.names()


def test_s_42_nobody_sends_but_the_relay() -> None:
    senders = []
    for file in Path("src/platform").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("send", "send_with_options", "enqueue"):
                senders.append(str(file))
    allowed = {
        "src/platform/worker/relay.py",
        "src/platform/notifications/mail.py",
    }  # the second gives mail to its server
    assert set(senders) <= allowed


async def test_a_relay_that_finds_nothing_does_not_wake_itself(region: Region) -> None:
    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    async with (
        await psycopg.AsyncConnection.connect(url) as work,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as doorbell,
    ):
        while await relay.fire_due(work) or await relay.lease(work):
            continue
        await doorbell.execute("listen qorgan_outbox")
        await relay.fire_due(work)
        assert [rung async for rung in doorbell.notifies(timeout=0.3)] == []
        await queued(region, "trial.count")
        assert len([rung async for rung in doorbell.notifies(timeout=2, stop_after=1)]) == 1
