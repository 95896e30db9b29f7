"""How a referral ends: recalled, declined, served; what was missed by then stays missed, and every side hears of it."""

from datetime import datetime, timedelta

from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.workdays.calendar import monday_of, week_of
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.queue import drain, set_clock
from tests.support.referrals import accepted, sent


def told(database: str, referral: str, kind: str) -> set[object]:
    found = rows(database, "select membership_id from notification where subject_id = %s and kind = %s", referral, kind)
    return {row[0] for row in found}


def audited(database: str, referral: str, action: str) -> list[tuple[object, ...]]:
    return rows(
        database, "select actor_id from audit_log where action = %s and %s = any (record_ids)", action, referral
    )


async def test_a_partner_declines_with_a_reason_and_the_case_manager_hears_of_it(
    browser: Browser, region: Region, database: str
) -> None:
    path = await sent(browser, region, database)
    referral, timur = path.rpartition("/")[2], await browser(region.timur)
    silent = await timur.post(f"{path}/decline", data={"version": 1, "csrf_token": timur.csrf}, headers=HTML)
    assert (silent.status_code, 'href="#reason"' in silent.text, 'id="reason"' in silent.text) == (422, True, True)
    foreign = await (await browser(region.aigerim)).act(f"{path}/decline", {"version": 1, "reason": "no_capacity"})
    assert foreign.status_code == 403
    assert audited(database, referral, "referral.declined") == []
    assert (await timur.act(f"{path}/decline", {"version": 1, "reason": "no_capacity"})).status_code == 303
    assert audited(database, referral, "referral.declined") == [(region.timur.user_id,)]
    await drain()
    assert told(database, referral, "referral_answered") == {region.aigerim.membership_id}
    seen = (await (await browser(region.aigerim)).get(path)).json()
    assert (seen["state"], seen["decline_reason"]) == ("declined", "no_capacity")
    states = {one["code"]: one["state"] for one in seen["clocks"]}
    assert states == {"clk_partner_answer": "met_in_time", "clk_partner_redirect": "open"}


async def test_a_service_ends_once_and_a_week_missed_before_stays_missed(
    browser: Browser, region: Region, database: str
) -> None:
    path = await accepted(browser, region, database)
    referral, first = path.rpartition("/")[2], monday_of(week_of(clock.local_date(clock.now())))
    try:
        set_clock(database, datetime(first.year, first.month, first.day, 12, tzinfo=LOCAL_ZONE) + timedelta(days=11))
        await drain()
        timur, aigerim = await browser(region.timur), await browser(region.aigerim)
        version = (await timur.get(path)).json()["version"]
        ended = {"version": version, "ending": "completed", "text": "қорытынды есеп: бала сабырлы"}
        assert (await aigerim.act(f"{path}/complete", ended)).status_code == 403
        silent = await timur.act(f"{path}/complete", {**ended, "text": ""})
        assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "text")
        assert (await timur.act(f"{path}/complete", ended)).status_code == 303
        assert (await timur.act(f"{path}/complete", ended)).status_code == 409
        assert audited(database, referral, "referral.completed") == [(region.timur.user_id,)]
        await drain()
        assert told(database, referral, "referral_ended") == {region.aigerim.membership_id}
        seen = (await aigerim.get(path)).json()
        assert (seen["state"], seen["ending"]["text"]) == ("completed", ended["text"])
        assert "қорытынды" not in str(rows(database, "select t::text from final_report t"))
        weeks = [one for one in seen["clocks"] if one["code"] == "clk_partner_weekly"]
        assert [one["state"] for one in sorted(weeks, key=lambda one: one["period"])] == ["missed", "cancelled"]
        assert rows(
            database,
            "select sum(missed)::int from oversight_process where tenant_id = %s and clock = 'clk_partner_weekly'",
            region.organisations["school12"],
        ) == [(1,)]
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


async def test_a_recalled_referral_is_told_to_the_partner(browser: Browser, region: Region, database: str) -> None:
    path, aigerim = await sent(browser, region, database), await browser(region.aigerim)
    assert (await aigerim.act(f"{path}/recall", {"version": 1})).status_code == 303
    await drain()
    assert region.timur.membership_id in told(database, path.rpartition("/")[2], "referral_recalled")


async def test_decision_14_a_child_bears_one_code_in_incident_case_and_referral_and_another_at_the_partner(
    browser: Browser, region: Region, database: str
) -> None:
    path, aigerim, timur = (
        await sent(browser, region, database),
        await browser(region.aigerim),
        await browser(region.timur),
    )
    referral = (await aigerim.get(path)).json()
    case = (await aigerim.get(f"/cases/{referral['case_id']}")).json()
    incident = rows(database, "select incident_id from child_case where id = %s", referral["case_id"])[0][0]
    codes = {one["code"] for one in (await aigerim.get(f"/incidents/{incident}")).json()["people"]}
    assert referral["code"] == case["code"]
    assert case["code"] in codes
    at_partner = (await timur.get(path)).json()
    assert (at_partner["case_id"], at_partner["code"] in codes) == (None, False)
