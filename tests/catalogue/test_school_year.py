"""The school year owes a confirmation of every organisation, and who has not is listed (R-270, clk_catalogue)."""

import json
from datetime import datetime
from typing import Any

import psycopg

from src.platform.catalogue import service
from src.platform.kit.clock import LOCAL_ZONE
from tests.support.catalogue import offered
from tests.support.clocks import QUARTERS, entered, moment
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock

RUNS = """
    select period, met_at is not null, cancelled_at is not null, overdue_at is not null from obligation
     where tenant_id = %s and code = 'clk_catalogue' order by started_at"""
TOLD = "select kind from notification where membership_id = %s and subject_kind = 'catalogue' order by created_at"


def listed(answer: Any) -> set[str]:
    return {row["id"] for row in answer.json()["rows"]}


def _next_year_entered(database: str) -> None:
    text = json.dumps(QUARTERS).replace("2027-", "2028-").replace("2026-", "2027-")
    with psycopg.connect(database) as admin:
        values = ("2027-2028", text, "fixture")
        admin.execute("insert into school_year (code, quarters, act) values (%s, %s, %s)", values)


async def _the_next_year_begins(browser: Browser, region: Region, database: str) -> None:
    umit, commission = region.organisations["umit"], region.organisations["commission"]
    timur, asel, zhanna = [await browser(one) for one in (region.timur, region.asel, region.zhanna)]
    _next_year_entered(database)
    set_clock(database, moment("2027-05-26"))
    await drain()
    set_clock(database, moment("2027-09-01"))
    await drain()
    assert rows(database, RUNS, umit) == [("2026/2027", True, False, False), ("2027/2028", False, False, False)]
    assert rows(database, RUNS, commission) == [
        ("2026/2027", False, True, True),  # what was missed stays missed
        ("2027/2028", False, False, False),
    ]
    assert "clock_overdue.clk_catalogue" in {one for (one,) in rows(database, TOLD, region.zhanna.membership_id)}
    assert (await timur.get("/catalogue/own")).json()["is_confirmed"] is False
    assert listed(await asel.get("/catalogue/gaps")) == {str(umit), str(commission)}
    await offered(browser, region.zhanna, confirm=False)
    assert (await zhanna.get("/catalogue/own")).json()["is_complete"] is False


async def test_r_270_clk_catalogue_runs_from_the_school_year_on_and_the_confirmation_meets_it(
    browser: Browser, region: Region, database: str
) -> None:
    umit, commission = region.organisations["umit"], region.organisations["commission"]
    timur, asel = await browser(region.timur), await browser(region.asel)
    schools = "delete from wake_at where actor in ('deadlines.open_periods', 'monthly.month_ended') returning id"
    try:
        await drain()
        rows(database, schools)  # their weeks and months are other tests' and cost time here
        set_clock(database, moment("2026-12-01"))
        await drain()
        assert rows(database, RUNS, umit) == []  # no school year was entered: nothing is guessed
        entered(database)
        set_clock(database, moment("2026-12-02"))
        await drain()
        async with inside(umit) as work:  # two schedulers
            await service.open_year(work)
        await drain()
        for place in (umit, commission):
            assert rows(database, RUNS, place) == [("2026/2027", False, False, False)]
        assert rows(database, RUNS, region.organisations["school12"]) == rows(database, RUNS, region.operator) == []
        assert rows(database, TOLD, region.timur.membership_id) == [("clock_target.clk_catalogue",)]
        assert rows(database, TOLD, region.zhanna.membership_id) == [("clock_target.clk_catalogue",)]
        due = [one for one in (await timur.get("/")).json()["rows"] if one["code"] == "clk_catalogue"]
        assert [one["state"] for one in due] == ["amber"]
        assert 'href="/catalogue/own"' in (await timur.page("/")).text
        assert listed(await asel.get("/catalogue/gaps")) == {str(umit), str(commission)}
        assert (await (await browser(region.daulet)).get("/catalogue/gaps")).status_code == 403

        early = await timur.act("/catalogue/own/confirm", {"version": 0})
        assert (early.status_code, early.json()["code"]) == (409, "catalogue.incomplete")
        await offered(browser, region.timur, "counselling", "legal_help")
        version = (await timur.get("/catalogue/own")).json()["version"]
        assert (await timur.act("/catalogue/own/confirm", {"version": version - 1})).status_code == 409
        assert rows(database, RUNS, umit) == [("2026/2027", True, False, False)]
        assert rows(database, RUNS, commission) == [("2026/2027", False, False, False)]
        chain = "select actor_id from audit_log where action = 'catalogue.confirmed' and %s = any (record_ids)"
        assert rows(database, chain, umit) == [(region.timur.user_id,)]
        assert listed(await asel.get("/catalogue/gaps")) == {str(commission)}

        # Without a service it is incomplete again, and listed.
        for one in ("counselling", "legal_help"):
            version = (await timur.get("/catalogue/own")).json()["version"]
            dropped = await timur.act("/catalogue/own/services/drop", {"version": version, "service_type": one})
            assert dropped.status_code == 303
        assert listed(await asel.get("/catalogue/gaps")) == {str(umit), str(commission)}
        await offered(browser, region.timur, "counselling")

        await _the_next_year_begins(browser, region, database)
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))
    assert dead_or_failed(database) == []
