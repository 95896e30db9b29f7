"""Weeks open once whoever is asked, and all of them after a silence; the doorbell may fail (S-46, S-47, S-50)."""

import asyncio
from collections import Counter
from datetime import datetime

import psycopg
import pytest
import redis
from dramatiq.errors import ConnectionClosed
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import ResponseError

from src.platform.cli.local.ports import free_port
from src.platform.cli.local.servers import LocalServers
from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.outbox import dead, relay, service
from src.platform.workdays.calendar import week_after, week_of
from src.platform.worker.relay import _round
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.referrals import WEEKLY, accepted


def local(month: int, day: int, hour: int, minute: int = 0, second: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=LOCAL_ZONE)


def weeks(database: str, referral: str) -> dict[str, int]:
    """ISO week -> in how many organisations its report is owed."""
    query = "select period from obligation where code = 'clk_partner_weekly' and subject_id = %s"
    return dict(Counter(row[0] for row in rows(database, query, referral)))


async def two_schedulers() -> None:
    """Two relays and two workers side by side."""
    await asyncio.gather(drain(), drain())
    await drain()


async def test_s_50_two_schedulers_open_a_week_once_and_after_a_silence_exactly_the_missing_ones(
    browser: Browser, region: Region, database: str
) -> None:
    path = await accepted(browser, region, database)
    referral, week = path.rpartition("/")[2], week_of(clock.local_date(clock.now()))
    expected = [week]
    try:
        while expected[-1] != "2026-W52":
            expected.append(week_after(expected[-1]))
        set_clock(database, local(12, 27, 23, 50))
        await two_schedulers()  # nothing ran for weeks
        assert weeks(database, referral) == dict.fromkeys(expected, 2)  # once in the school, once at the partner's
        set_clock(database, local(12, 28, 0, 0, 1))
        await two_schedulers()
        assert weeks(database, referral) == dict.fromkeys([*expected, "2026-W53"], 2)
        set_clock(database, local(1, 5, 10, year=2027))  # down from Saturday to Tuesday, over the end of the ISO year
        await two_schedulers()
        await two_schedulers()
        assert weeks(database, referral) == dict.fromkeys([*expected, "2026-W53", "2027-W01"], 2)
        told = "select count(*) from notification where subject_id = %s and kind like 'clock%%' group by kind, membership_id, created_at having count(*) > 1"
        assert rows(database, told, referral) == []
        timur = await browser(region.timur)
        both = [timur.act(f"{path}/weeks", {**WEEKLY, "week": "2026-W53"}) for _ in range(2)]
        assert sorted(one.status_code for one in await asyncio.gather(*both)) == [303, 409]
        await drain()
        assert rows(database, "select week from weekly_report where referral_id = %s", referral) == [("2026-W53",)]
        assert dead_or_failed(database) == []
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


@pytest.mark.parametrize("failure", [Unreachable(), ResponseError("OOM command not allowed"), ConnectionClosed(None)])
async def test_s_46_what_could_not_be_sent_is_no_attempt_and_is_sent_again(
    region: Region, database: str, failure: Exception
) -> None:
    await drain()
    async with inside(region.organisations["school12"]) as work:
        row = await service.emit(work, "notifications.queue_dead", {})

    def fail(_outbox_id: str) -> None:
        raise failure

    url = settings().role_url("qorgan_relay").replace("+psycopg", "")
    state = "select attempts, lease_until, done_at, dead_at from outbox where id = %s"
    async with await psycopg.AsyncConnection.connect(url) as work_connection:
        for _ in range(20):  # longer than all attempts would last
            assert await _round(work_connection, fail) is False
            assert rows(database, state, row) == [(0, None, None, None)]
            rows(database, "update outbox set next_at = clock_timestamp() where id = %s returning id", row)
        sent: list[str] = []
        assert await _round(work_connection, sent.append) is True
        assert sent == [str(row)]
        assert await relay.lease(work_connection) == []  # leased: nobody else sends it
    rows(database, "update outbox set next_at = clock_timestamp() where id = %s returning id", row)
    assert await drain() == 1


async def test_s_47_a_doorbell_that_evicts_or_forgets_is_a_warning_on_the_operators_page_only(
    browser: Browser, region: Region, servers: LocalServers
) -> None:
    oleg, client = await browser(region.oleg), redis.Redis.from_url(servers.redis_url)
    assert (await oleg.get("/queue")).json()["weaknesses"] == []
    try:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
        assert (await oleg.get("/queue")).json()["weaknesses"] == ["evicts", "forgets"]
        page = (await oleg.page("/queue")).text
        assert "noeviction" in page
        assert "appendonly" in page
    finally:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "yes")
    assert await dead.weaknesses(f"redis://127.0.0.1:{free_port()}/0") == ["unreachable"]
    for person in (region.daulet, region.asel, region.zhanna):
        assert (await (await browser(person)).get("/queue")).status_code == 403
