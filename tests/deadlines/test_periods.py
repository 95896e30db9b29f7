"""A duty of the organisation that begins by itself: the weekly meeting."""

from datetime import date, datetime

from src.platform.deadlines import periodic
from src.platform.kit.clock import LOCAL_ZONE
from tests.support.clocks import clock_id, entered, moment, on_clock, shown
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock


async def test_r_008_the_weekly_meeting_is_owed_by_itself_and_once(
    browser: Browser, region: Region, database: str
) -> None:
    school = region.organisations["school12"]
    periods = "select period from obligation where tenant_id = %s and code = %s and started_at >= %s order by period"
    set_clock(database, moment("2027-02-15"))  # a Monday; no school year was entered until now
    await drain()
    assert rows(database, periods, school, "clk_team_meeting", moment("2026-01-01", 0)) == []
    entered(database)
    set_clock(database, moment("2027-03-10"))  # the scheduler was down for three weeks
    await drain()
    await drain()
    since = moment("2027-02-16", 0)
    assert [one for (one,) in rows(database, periods, school, "clk_team_meeting", since)] == [
        "2027-W08",
        "2027-W09",
        "2027-W10",
    ]
    async with inside(school) as work:  # two schedulers
        await periodic.open_periods(work, 20270308)
    await drain()
    assert len(rows(database, periods, school, "clk_team_meeting", since)) == 3
    set_clock(database, moment("2027-03-23"))  # spring break from 19 March: no duty in a week without lessons
    await drain()
    assert len(rows(database, periods, school, "clk_team_meeting", since)) == 4
    assert dead_or_failed(database) == []
    try:
        await a_week_is_kept_by_a_meeting_and_missed_without_one(browser, region, database)
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


async def a_week_is_kept_by_a_meeting_and_missed_without_one(browser: Browser, region: Region, database: str) -> None:
    school = region.organisations["school12"]
    set_clock(database, moment("2027-04-05"))
    await drain()
    clock = clock_id(database, str(school), "clk_team_meeting", "2027-W14")
    daulet, marat = await browser(region.daulet), await browser(region.marat)
    assert (await marat.get(f"/clocks/{clock}")).status_code == 404
    assert (
        await daulet.act(f"/clocks/{clock}/meeting", {"version": 1, "held_at": "2027-04-05T09:00"})
    ).status_code == 403
    wrong = await on_clock(browser, region.gulnar, clock, "meeting", held_at="2027-04-01T09:00")
    assert (wrong.status_code, wrong.json()["fields"][0]["code"]) == (422, "not_this_week")
    assert (await on_clock(browser, region.gulnar, clock, "meeting", held_at="2027-04-05T09:00")).status_code == 303
    noted = "select actor_id from audit_log where action = 'team.meeting_noted' and %s = any (record_ids)"
    assert rows(database, noted, school)[-1:] == [(region.gulnar.user_id,)]
    set_clock(database, moment("2027-04-19", 1))
    await drain()
    state = "select met_at is not null, overdue_at is not null from obligation where tenant_id = %s and period = %s "
    state += "and code = 'clk_team_meeting'"
    assert rows(database, state, school, "2027-W14") == [(True, False)]
    assert rows(database, state, school, "2027-W15") == [(False, True)]
    late = clock_id(database, str(school), "clk_team_meeting", "2027-W15")
    heard = "select membership_id from notification where subject_id = %s and kind = 'clock_overdue.clk_team_meeting'"
    assert rows(database, heard, late) == [(region.saule.membership_id,)]
    assert (
        date(2027, 4, 18)
        == datetime.fromisoformat((await shown(browser, region.saule, late))["clock"]["due_at"])
        .astimezone(LOCAL_ZONE)
        .date()
    )
