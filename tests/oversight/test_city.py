"""The city sees what a school did in time, exactly, when a month is over, and can never see a child (R-066, S-36)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from src.platform.deadlines.catalogue import clocks
from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.oversight import counters, service
from src.platform.workdays.calendar import month_after, month_of
from tests.support.http import Browser
from tests.support.incidents import act, classified, reported, rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock


@pytest.fixture(autouse=True)
async def as_it_was(database: str) -> AsyncIterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


def this_month() -> int:
    return month_of(clock.local_date(clock.real_now()))


def team(database: str, region: Region) -> None:
    rows(
        database,
        "insert into security_team (tenant_id, id, school_year, order_no, order_date, status, activated_at) "
        "values (%s, gen_random_uuid(), '2031/2032', '1', '2026-01-01', 'active', now()) returning 1",
        region.organisations["school12"],
    )


def over(database: str) -> None:
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=32))


async def month_of_school(browser: Browser, region: Region, database: str) -> dict[str, Any]:
    over(database)
    found = (await (await browser(region.asel)).get(f"/city?month={this_month()}")).json()["rows"]
    set_clock(database, datetime.now(LOCAL_ZONE))
    own: dict[str, Any] = next(row for row in found if row["tenant_id"] == str(region.organisations["school12"]))
    return own


async def test_the_counters_follow_what_the_school_does_and_a_rebuild_gives_the_same(
    browser: Browser, region: Region, database: str
) -> None:
    await drain()
    before = await month_of_school(browser, region, database)
    team(database, region)
    await classified(browser, region, {"victim": "at_risk"})
    await drain()
    after = await month_of_school(browser, region, database)
    for counter in ("screened_in_time", "investigated_in_time", "decided_in_time"):
        assert after[counter] == before[counter] + 1, counter
    assert next(cell for cell in after["cells"] if cell["measure"] == "team")["in_time"] == 1
    assert next((c["in_time"] for c in before["cells"] if c["measure"] == "team"), 0) == 0
    kept, paces = (  # other tests look from later months, which lie ahead again now
        f"select * from {table} where month = to_char(now() at time zone 'Asia/Almaty', 'YYYYMM')::int order by 1, 2, 3, 4"  # noqa: S608
        for table in ("oversight_process", "oversight_pace")
    )
    counted, ran = rows(database, kept), rows(database, paces)
    assert ran
    rows(database, "delete from oversight_process returning 1")
    rows(database, "delete from oversight_pace returning 1")
    school = region.organisations["school12"]
    ours = [row for row in counted if row[0] == school]
    async with inside(school) as work:
        for month in {row[1] for row in ours}:
            await service.refresh(work, month)
    assert ours
    assert rows(database, kept) == ours
    assert rows(database, paces) == ran
    assert dead_or_failed(database) == []


async def test_a_missed_term_counts_as_missed_and_a_late_one_as_late(
    browser: Browser, region: Region, database: str
) -> None:
    today = clock.local_date(clock.now())
    first = datetime(today.year, today.month, 1, 12, tzinfo=LOCAL_ZONE)
    set_clock(database, first)
    incident = await reported(browser, region)
    set_clock(database, first + timedelta(days=1))
    await drain()
    missed = await month_of_school(browser, region, database)
    assert missed["screened_late_or_never"] >= 1
    set_clock(database, first + timedelta(days=1))
    done = await act(
        browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)]
    )
    assert done.status_code == 303
    await drain()
    assert (await month_of_school(browser, region, database))["screened_late_or_never"] == missed[
        "screened_late_or_never"
    ]
    kept = rows(
        database,
        "select met_late from oversight_process where clock = 'clk_screen_urgent' and tenant_id = %s",
        region.organisations["school12"],
    )
    assert sum(row[0] for row in kept) >= 1


async def test_r_066_the_city_has_no_other_way_in_and_only_the_city_has_this_one(
    browser: Browser, region: Region, database: str
) -> None:
    asel = await browser(region.asel)
    for path in ("/incidents", "/cases", "/referrals", "/report", "/organisations"):
        assert (await asel.get(path)).status_code == 403, path
    for month in ("202613", "209901", "1"):
        assert (await asel.get(f"/city?month={month}")).status_code == 422
    assert (await asel.get("/city/measures/registered")).status_code == 404
    for who in (region.marat, region.saule, region.daulet, region.timur):
        other = await browser(who)
        for path in ("/city", "/city/measures/screened"):
            assert (await other.get(path)).status_code == 403, (who, path)
        for way in ("xlsx", "pdf"):
            assert (await other.act(f"/city/{way}")).status_code == 403, (who, way)
    assert rows(database, "select 1 from audit_log where action = 'oversight.taken'") == []


async def test_s_36_f13_a_running_month_is_refused_in_words_and_a_closed_one_stands_still(
    browser: Browser, region: Region, database: str
) -> None:
    """Day by day a running month would tell when somebody spoke up; of a month that is over nothing new is told."""
    asel = await browser(region.asel)
    running = this_month()
    for path in ("/city", "/city/measures/screened"):
        refused = await asel.get(f"{path}?month={running}")
        assert (refused.status_code, refused.json()["code"]) == (422, "oversight.month_not_over")
        assert "Бұл ай әлі аяқталған жоқ" in (await asel.page(f"{path}?month={running}")).text
    assert (await asel.get("/city")).json()["month"] == month_after(running, -1)
    await reported(browser, region)
    over(database)
    await drain()  # every term of the month has ended
    closed = await month_of_school(browser, region, database)
    assert closed["screened_late_or_never"] >= 1
    over(database)
    await reported(browser, region)
    await drain()
    assert await month_of_school(browser, region, database) == closed


@pytest.mark.parametrize(
    "table",
    [
        "incident",
        "report",
        "participation",
        "person",
        "child_case",
        "referral",
        "membership",
        "audit_log",
        "users",
        "obligation",
        "security_team",
        "oversight_children",
        "oversight_pace",
        "oversight_release",
    ],
)
async def test_s_36_the_role_of_the_city_cannot_select_a_row_of_a_school(region: Region, table: str) -> None:
    with as_city() as city, pytest.raises(psycopg.errors.InsufficientPrivilege):
        city.execute(f"select * from {table}")  # type: ignore[call-overload]  # noqa: S608


def as_city() -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(settings().role_url("qorgan_oversight").replace("+psycopg", ""))


async def test_s_36_no_clock_of_children_can_be_counted_for_the_city(region: Region, database: str) -> None:
    """Health, council, register, residential: the table itself refuses them, whoever writes."""
    insert = "insert into oversight_process values (%s, 202501, %s, %s, 0, 0)"
    school = region.organisations["school12"]
    with psycopg.connect(database, autocommit=True) as admin:
        for code in set(clocks()) - counters.SHOWN:
            with pytest.raises(psycopg.errors.CheckViolation):
                admin.execute(insert, (school, code, 1))
        with pytest.raises(psycopg.errors.CheckViolation):  # how many serious signs there were
            admin.execute(insert, (school, counters.SERIOUS, 1))
        for code in counters.SHOWN - {counters.SERIOUS}:
            admin.execute(insert, (school, code, 1))
        admin.execute("delete from oversight_process where month = 202501")
    assert counters.SHOWN - {counters.TEAM} <= set(clocks())


async def test_s_36_who_runs_the_medians_gets_no_school(region: Region, database: str) -> None:
    app = settings().role_url("qorgan_app").replace("+psycopg", "")
    with psycopg.connect(app) as school, pytest.raises(psycopg.errors.InsufficientPrivilege):
        school.execute("select * from oversight_medians(202501, null)")
