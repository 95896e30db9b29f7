"""The ladder as it runs: misses in a row, who is skipped, who stands in, and duties that begin by themselves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from src.platform.kit import clock as kit_clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.workdays.calendar import monday_of, week_of
from tests.support.clocks import NO, clock_id, moment, shown
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows
from tests.support.people import Person, Region
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.referrals import accepted

OVERDUE = "select membership_id from notification where subject_id = %s and kind like 'clock_overdue%%'"
ALERTED = "select count(*) from notification where membership_id = %s and kind = 'school_alert.nobody_to_tell'"


@pytest.fixture(autouse=True)
def real_time_afterwards(database: str) -> Iterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


async def missed(browser: Browser, region: Region, database: str, day: str, *named: Person) -> str:
    """A standard report that nobody screens in time, with these employees named as accused."""
    set_clock(database, moment(day))
    incident = await reported(browser, region, **NO)
    for person in named:
        await name(browser, region, incident, str(person.person_id), "alleged_offender", "employee")
    await drain()
    set_clock(database, moment(day) + timedelta(days=6))
    await drain()
    assert dead_or_failed(database) == []
    return incident


def told(database: str, incident: str) -> set[Any]:
    return {one for (one,) in rows(database, OVERDUE, incident)}


def alerts(database: str, region: Region) -> int:
    found: int = rows(database, ALERTED, region.zhanna.membership_id)[0][0]
    return found


async def away(browser: Browser, by: Person, who: Person, first: str, last: str, deputy: Person | None) -> Any:
    body = {"membership_id": str(who.membership_id), "first_day": first, "last_day": last}
    if deputy:
        body["deputy"] = str(deputy.membership_id)
    return await (await browser(by)).act("/absences", body)


async def test_r_147_two_silent_weeks_reach_coordinator_and_director_and_three_the_city(
    browser: Browser, region: Region, database: str
) -> None:
    path = await accepted(browser, region, database)
    referral, first = path.rpartition("/")[2], monday_of(week_of(kit_clock.local_date(kit_clock.now())))
    weeks = [week_of(first + timedelta(days=7 * n)) for n in range(3)]
    counted = []
    for n, expected in enumerate((None, None, (2, 0), (3, 1))):
        set_clock(database, moment(first + timedelta(days=7 * n + 4), 12))
        await drain()
        if expected is None:
            continue
        school = region.organisations["school12"]
        seen = "select max(in_a_row) from obligation where tenant_id = %s and code = 'clk_partner_weekly'"
        city = "select coalesce(sum(reached_city), 0)::int from oversight_process where tenant_id = %s"
        counted.append((rows(database, seen, school)[0][0], rows(database, city, school)[0][0]))
    assert counted == [(2, 0), (3, 1)]
    school = region.organisations["school12"]
    of_week = "select id from obligation where tenant_id = %s and subject_id = %s and period = %s"
    third = str(rows(database, of_week, school, referral, weeks[2])[0][0])
    story = await shown(browser, region.daulet, third)
    assert [(one["rung"], one["role"]) for one in story["told"]].count(("missed:3", "city")) == 1
    assert {one["role"] for one in story["told"] if one["rung"] == "missed:2"} == {
        "team_coordinator",
        "school_director",
    }
    assert (story["in_a_row"], story["clock"]["period"]) == (3, weeks[2])
    page = (await (await browser(region.daulet)).page(f"/clocks/{third}")).text
    assert "Қала есебіне алынды" in page


async def test_r_271_whoever_is_implicated_is_skipped_and_the_commission_is_the_last(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await missed(browser, region, database, "2027-01-11", region.daulet)
    assert told(database, incident) == {region.saule.membership_id}
    before = alerts(database, region)
    incident = await missed(browser, region, database, "2027-01-18", region.daulet, region.saule)
    assert told(database, incident) == set()
    assert alerts(database, region) == before + 2  # at the reminder, and again at the miss
    last = (
        "select role, membership_id from obligation_told where obligation_id = %s and rung = 'limit' and role <> 'city'"
    )
    assert rows(database, last, clock_id(database, incident, "clk_screen_standard")) == [("commission", None)]
    chain = "select count(*) from audit_log where action = 'commission.alerted' and tenant_id = %s"
    assert rows(database, chain, region.organisations["school12"])[0][0] >= 1


async def test_who_is_away_is_stood_in_for_by_a_deputy_who_may_read_and_else_left_out(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, moment("2027-01-25"))
    days = ("2027-01-25", "2027-02-05")
    assert (await away(browser, region.gulnar, region.saule, *days, region.gulnar)).status_code == 403
    assert (await away(browser, region.alua, region.alua, *days, None)).status_code == 403
    refused = await away(browser, region.saule, region.saule, days[1], days[0], region.saule)
    assert (refused.status_code, {one["field"] for one in refused.json()["fields"]}) == (422, {"deputy", "last_day"})
    assert (await away(browser, region.saule, region.saule, *days, region.gulnar)).status_code == 303
    assert (await away(browser, region.daulet, region.daulet, *days, region.marat)).status_code == 303
    noted = "select count(*) from audit_log where action = 'absence.noted' and actor_id = any (%s)"
    assert rows(database, noted, [region.saule.user_id, region.daulet.user_id]) == [(2,)]
    incident = await missed(browser, region, database, "2027-01-26")
    assert told(database, incident) == {region.gulnar.membership_id}  # Marat may not read what Daulet may
    clock = clock_id(database, incident, "clk_screen_standard")
    lines = (await shown(browser, region.saule, clock))["told"]
    story = {(one["rung"], one["stands_in"]) for one in lines if one["role"] != "city"}
    assert story == {("target", True), ("limit", True)}
    marat, saule = await browser(region.marat), await browser(region.saule)
    (mine,) = [one for one in (await saule.get("/absences")).json()["rows"] if one["mine"]]
    assert (mine["first_day"], mine["deputy"] != "") == ("2027-01-25", True)
    assert [one["mine"] for one in (await marat.get("/absences")).json()["rows"]] == [False]  # where he stands in
    assert (await marat.act(f"/absences/{mine['id']}/end", {"version": 1})).status_code == 404
    assert (await saule.act(f"/absences/{mine['id']}/end", {"version": 1})).status_code == 303
    incident = await missed(browser, region, database, "2027-01-27")
    assert told(database, incident) == {region.saule.membership_id}
    daulet = await browser(region.daulet)
    for row in (await daulet.get("/absences")).json()["rows"]:
        assert (await daulet.act(f"/absences/{row['id']}/end", {"version": 1})).status_code == 303


async def test_s_23_a_suspended_school_tells_nobody_of_its_own_and_the_commission_hears(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, moment("2027-02-08"))
    incident = await reported(browser, region, **NO)
    await drain()
    school, before = region.organisations["school12"], alerts(database, region)
    oleg = await browser(region.oleg)
    version = (await oleg.get(f"/organisations/{school}")).json()["version"]
    assert (await oleg.act(f"/organisations/{school}/suspend", {"version": version})).status_code == 303
    set_clock(database, moment("2027-02-12"))
    await drain()
    assert told(database, incident) == set()
    assert alerts(database, region) > before
    missed_at = "select overdue_at is not null from obligation where subject_id = %s and code = 'clk_screen_standard'"
    assert rows(database, missed_at, incident) == [(True,)]  # its clocks go on
    assert (await oleg.act(f"/organisations/{school}/resume", {"version": version + 1})).status_code == 303
    for person in (region.saule, region.daulet, region.aigerim, region.gulnar, region.marat):
        browser._clients.pop(person.sign_in, None)  # their sessions ended
