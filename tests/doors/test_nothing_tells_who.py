"""S-18: whoever reports without an account leaves no trace, in any table, log, header or time."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import redis
from psycopg import sql

from src.platform.cli.local.servers import LocalServers
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.web import run
from tests.support.doors import DOOR, answered, receipt, told
from tests.support.http import HTML, Browser, Client
from tests.support.incidents import act, rows
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

AT_ONCE = 5
MOMENT = datetime(2026, 11, 18, 10, 23, 45, 678901, tzinfo=clock.LOCAL_ZONE).astimezone(UTC)
TRACES = {
    "User-Agent": "canary-agent/7.3 (Nokia 3310)",
    "X-Forwarded-For": "203.0.113.77",
    "X-Real-IP": "203.0.113.77",
    "Cookie": "device=canary-device; __Host-qorgan=canary-session",
    "Accept-Language": "kk-canary",
    "Referer": "https://qorgan.test/canary-referer",
}
MARKS = ("canary", "203.0.113", "Nokia")
AT_DAYS_END = {("obligation", "target_at"), ("obligation", "due_at"), ("wake_at", "at")}
"""Follow from the hour by the calendar."""


def columns(database: str, kind: str) -> Iterator[tuple[str, str]]:
    query = "select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type = %s"
    yield from rows(database, query, kind)


def values(database: str, kind: str) -> set[tuple[str, str, Any]]:
    found = set()
    with psycopg.connect(database) as admin:
        for table, column in columns(database, kind):
            query = sql.SQL("select distinct {} from {}").format(sql.Identifier(column), sql.Identifier(table))
            found |= {(table, column, value) for (value,) in admin.execute(query).fetchall() if value is not None}
    return found


@pytest.fixture
async def stranger(visitor: Client, region: Region, database: str) -> Client:
    """Somebody whose telephone tells everything that a telephone can tell; staff has worked before, at other times."""
    set_clock(database, MOMENT)
    await drain()
    visitor.headers.update(TRACES)
    return visitor


@pytest.mark.parametrize("submissions", [20, pytest.param(100, marks=pytest.mark.long)])
async def test_s_18_reports_leave_no_time_finer_than_the_hour_and_no_id_with_a_moment(
    stranger: Client, database: str, submissions: int
) -> None:
    alone = MOMENT - timedelta(hours=3 + submissions // 50)  # an hour in which nothing else happened
    set_clock(database, alone)
    times, ids = values(database, "timestamp with time zone"), values(database, "uuid")
    codes: list[str] = []
    for first in range(0, submissions, AT_ONCE):
        sent = (told(stranger, f"хабар {n}") for n in range(first, first + AT_ONCE))
        codes += await asyncio.gather(*sent)
    assert len(set(codes)) == submissions
    assert (await answered(stranger, codes[0], "тағы айтамын")).status_code == 200
    assert (await receipt(stranger, codes[1])).status_code == 200
    await drain()
    assert dead_or_failed(database) == []
    fresh = values(database, "timestamp with time zone") - times
    assert {table for table, _, _ in fresh} >= {
        "report",
        "incident",
        "obligation",
        "outbox",
        "audit_log",
        "notification",
    }
    for table, column, value in fresh:
        local = value.astimezone(clock.LOCAL_ZONE)
        if (table, column) in AT_DAYS_END:
            assert (local.minute, local.microsecond) != (MOMENT.minute, MOMENT.microsecond), (table, column, value)
            assert local.second in (0, 59), (table, column, value)
        else:
            assert (local.minute, local.second, local.microsecond) == (0, 0, 0), (table, column, value)
    known = {value for _, _, value in ids}
    fresh_ids = {one for one in values(database, "uuid") if one[2] not in known}
    assert len(fresh_ids) > submissions * 5
    assert [(table, column) for table, column, value in fresh_ids if value.version != 4] == []
    arrays = rows(database, "select distinct unnest(record_ids) from audit_log where action like 'report.%%'")
    assert {value.version for (value,) in arrays if value in {one for _, _, one in fresh_ids}} == {4}


async def test_s_18_nothing_of_the_telephone_is_kept_or_answered_or_logged(
    stranger: Client, database: str, servers: LocalServers, capfd: pytest.CaptureFixture[str]
) -> None:
    answers = [await stranger.page(f"{DOOR}{page}") for page in ("", "/report", "/receipt", "?lang=ru")]
    code = await told(stranger)
    answers += [await receipt(stranger, code), await answered(stranger, code, "жауап")]
    wrong = await stranger.post(f"{DOOR}/receipt", data={"code": "canary"}, headers=HTML)
    await drain()
    for answer in answers:
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert not any(mark in answer.text + str(answer.headers) for mark in MARKS)
    assert "set-cookie" not in wrong.headers
    with psycopg.connect(database) as admin:
        tables = admin.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        query = sql.SQL("select coalesce(string_agg(t::text, ' '), '') from {} t")
        dump = {name: str(admin.execute(query.format(sql.Identifier(name))).fetchone()) for (name,) in tables}
    queue = redis.Redis.from_url(servers.redis_url)
    dump["valkey"] = str([(key, queue.dump(key)) for key in queue.keys()])  # noqa: SIM118  # a client, not a dict
    dump["postgresql log"] = (servers.folder / "postgres.log").read_text()
    dump["output"] = "".join(capfd.readouterr())
    for place, text in dump.items():
        for mark in (*MARKS, code, code.replace("-", "")):
            assert mark not in text, (place, mark)
            assert mark.encode().hex() not in text, (place, mark)
    assert "/s/" not in dump["output"]


def test_s_18_the_web_process_writes_no_line_about_a_request(
    monkeypatch: pytest.MonkeyPatch, servers: LocalServers
) -> None:
    started: dict[str, Any] = {}
    monkeypatch.setattr(run.telemetry, "start", lambda _process: None)
    monkeypatch.setattr(run, "create_app", lambda: None)
    monkeypatch.setattr(run.gc, "freeze", lambda: None)
    monkeypatch.setattr(run.uvicorn, "run", lambda _app, **given: started.update(given))
    run.main()
    assert (started["access_log"], started["log_config"]) == (False, None)


async def test_s_18_the_address_of_no_page_holds_anything_of_the_visitor(stranger: Client) -> None:
    code = await told(stranger)
    for answer in (await stranger.page(DOOR), await stranger.page(f"{DOOR}/receipt")):
        links = re.findall(r'(?:href|action|formaction)="([^"]*)"', answer.text)
        ours = {link for link in links if link.startswith("/s/")}
        assert ours
        assert all(
            re.fullmatch(r"/s/mek12(/report|/receipt|/receipt/answer|/telling)?\?lang=(kk|ru|en)", link)
            for link in ours
        )
    page = await stranger.post(f"{DOOR}/receipt", data={"code": code}, headers=HTML)
    assert not re.search(rf'(?:href|action)="[^"]*{code[:6]}', page.text)


async def test_s_18_colleagues_keep_their_minutes_while_visitors_lose_theirs(
    browser: Browser, region: Region, stranger: Client, database: str
) -> None:
    await told(stranger)
    assert not clock.tells_hours_only()
    assert new_id().version == 7
    marat = await browser(region.marat)
    assert (await marat.act("/report", {"description": "минуты белгілі"})).status_code == 303
    ((at, report_id),) = rows(
        database, "select received_at, id from report where channel = 'staff' order by received_at desc limit 1"
    )
    assert at.astimezone(clock.LOCAL_ZONE).minute == MOMENT.astimezone(clock.LOCAL_ZONE).minute
    assert UUID(str(report_id)).version == 7


async def test_s_18_the_clock_of_the_incident_runs_from_the_hour_and_still_ends(
    browser: Browser, region: Region, stranger: Client, database: str
) -> None:
    before = {one for (one,) in rows(database, "select id from incident")}
    await told(stranger, "таймер")
    (incident,) = {one for (one,) in rows(database, "select id from incident")} - before
    query = "select due_at, started_at from obligation where subject_id = %s"
    ((due, started),) = rows(database, query, incident)
    assert started == clock.local_hour(MOMENT)
    set_clock(database, due)
    await asyncio.sleep(1)
    await drain()
    assert rows(database, "select overdue_at is not null from obligation where subject_id = %s", incident) == [(True,)]
    saule = await browser(region.saule)
    members = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.saule, region, str(incident), "screen", investigators=members)).status_code == 303
    assert (await saule.get(f"/incidents/{incident}")).json()["state"] == "screened"
