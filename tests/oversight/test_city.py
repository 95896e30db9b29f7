"""The city sees what a school did in time, exactly, and can never see a child (R-066, S-36)."""

from datetime import datetime, timedelta

import psycopg
import pytest

from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from tests.support.http import Browser
from tests.support.incidents import act, classified, reported, rows
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock


async def month_of(browser: Browser, region: Region) -> dict[str, int]:
    asel = await browser(region.asel)
    found = (await asel.get("/city")).json()["rows"]
    own: dict[str, int] = next(row for row in found if row["tenant_id"] == str(region.organisations["school12"]))
    return own


async def test_the_counters_follow_what_the_school_does(browser: Browser, region: Region, database: str) -> None:
    await drain()
    before = await month_of(browser, region)
    await classified(browser, region, {"victim": "at_risk"})
    await drain()
    after = await month_of(browser, region)
    for counter in ("screened_in_time", "investigated_in_time", "decided_in_time"):
        assert after[counter] == before[counter] + 1, counter
    assert dead_or_failed(database) == []


async def test_a_missed_term_counts_as_missed_and_a_late_one_as_late(
    browser: Browser, region: Region, database: str
) -> None:
    today = clock.local_date(clock.now())
    first = datetime(today.year, today.month, 1, 12, tzinfo=LOCAL_ZONE)
    try:
        set_clock(database, first)
        incident = await reported(browser, region)
        set_clock(database, first + timedelta(days=1))
        await drain()
        missed = await month_of(browser, region)
        assert missed["screened_late_or_never"] >= 1
        done = await act(
            browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)]
        )
        assert done.status_code == 303
        await drain()
        assert (await month_of(browser, region))["screened_late_or_never"] == missed["screened_late_or_never"]
        kept = rows(
            database,
            "select met_late from oversight_process where clock = 'clk_screen_urgent' and tenant_id = %s",
            region.organisations["school12"],
        )
        assert sum(row[0] for row in kept) >= 1
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


async def test_r_066_the_city_has_no_other_way_in(browser: Browser, region: Region) -> None:
    asel = await browser(region.asel)
    for path in ("/incidents", "/cases", "/referrals", "/report", "/organisations"):
        assert (await asel.get(path)).status_code == 403, path
    marat = await browser(region.marat)
    assert (await marat.get("/city")).status_code == 403
    for month in ("202613", "209901", "1"):
        assert (await asel.get(f"/city?month={month}")).status_code == 422


@pytest.mark.parametrize(
    "table",
    ["incident", "report", "participation", "person", "child_case", "referral", "membership", "audit_log", "users"],
)
async def test_s_36_the_role_of_the_city_cannot_select_a_row_of_a_school(region: Region, table: str) -> None:
    url = settings().role_url("qorgan_oversight").replace("+psycopg", "")
    with psycopg.connect(url) as city, pytest.raises(psycopg.errors.InsufficientPrivilege):
        city.execute(f"select * from {table}")  # type: ignore[call-overload]  # noqa: S608
