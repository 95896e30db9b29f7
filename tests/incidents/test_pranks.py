"""A prank through the public address costs the team two presses: one here, one decision of the full team."""

from typing import Any

import pytest

from tests.support.doors import opened, told, with_settings
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Region


@pytest.fixture
async def door(browser: Browser, region: Region) -> None:
    await opened(browser, region)
    await with_settings(region, public_reports_per_hour=10_000)


async def pranked(browser: Browser, region: Region, database: str, **more: Any) -> str:
    before = {one for (one,) in rows(database, "select id from incident")}
    await told(browser.visitor(), "ха-ха-ха", **more)
    (new,) = {one for (one,) in rows(database, "select id from incident")} - before
    return str(new)


async def test_decision_10_two_presses_end_a_prank_and_skip_no_state(
    browser: Browser, region: Region, database: str, door: None
) -> None:
    incident = await pranked(browser, region, database)
    aigerim = await browser(region.aigerim)
    assert "prank" in (await aigerim.get(f"/incidents/{incident}")).json()["may"]
    assert (await act(browser, region.aigerim, region, incident, "prank")).status_code == 303
    view = (await aigerim.get(f"/incidents/{incident}")).json()
    assert (view["state"], [talk["waiver"] for talk in view["heard"]]) == ("investigated", ["anonymous"])
    assert view["findings"]
    assert {clock["code"]: clock["state"] for clock in view["clocks"]} == {
        "clk_screen_urgent": "met_in_time",
        "clk_investigation": "met_in_time",
        "clk_team_classification": "open",
    }
    done = rows(
        database,
        "select action from audit_log where %s = any (record_ids) and action like 'incident.%%' and action <> all (%s) order by seq",
        incident,
        ["incident.read", "incident.listed", "incident.changed"],
    )
    assert [action for (action,) in done] == [
        "incident.screened",
        "incident.investigation_started",
        "incident.hearing_waived",
        "incident.investigated",
        "incident.taken_for_prank",
    ]
    members = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    decided = {"attended": members, "outcome": "not_confirmed", "held_at": "2026-11-20T16:00"}
    assert (await act(browser, region.saule, region, incident, "classify", **decided)).status_code == 303
    assert (await aigerim.get(f"/incidents/{incident}")).json()["outcome"] == "not_confirmed"


async def test_decision_10_what_is_told_by_somebody_or_names_somebody_is_no_prank(
    browser: Browser, region: Region, database: str, door: None
) -> None:
    signed, named = await reported(browser, region), await pranked(browser, region, database)
    await name(browser, region, named, await student(region, "Қалжыңбаев", "Ер"), "victim")
    answered = await pranked(browser, region, database)
    await act(browser, region.saule, region, answered, "triage", harmed=True, harm_danger=False)
    for incident in (signed, named, answered):
        view = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
        assert "prank" not in view["may"]
        refused = await act(browser, region.aigerim, region, incident, "prank")
        assert (refused.status_code, refused.json()["code"]) == (409, "incident.wrong_state")
        assert rows(database, "select state from incident where id = %s", incident) == [("reported",)]


async def test_decision_10_only_the_team_may_and_a_stale_page_may_not(
    browser: Browser, region: Region, database: str, door: None
) -> None:
    incident = await pranked(browser, region, database)
    daulet, marat, aigerim = [await browser(p) for p in (region.daulet, region.marat, region.aigerim)]
    assert (await daulet.act(f"/incidents/{incident}/prank", {"version": 1})).status_code == 403
    assert (await marat.act(f"/incidents/{incident}/prank", {"version": 1})).status_code == 403
    assert (await aigerim.act(f"/incidents/{incident}/prank", {"version": 9})).status_code == 409
    assert rows(database, "select state, version from incident where id = %s", incident) == [("reported", 1)]
