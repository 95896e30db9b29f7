"""One meeting of the full team decides several incidents; who is in conflict with one finds a meeting without it."""

from typing import Any

import pytest

from src.platform.kit.ids import new_id
from tests.support.http import Browser
from tests.support.incidents import rows, student
from tests.support.meetings import HELD, LATER, decided, gone, investigated
from tests.support.people import Region, hire
from tests.support.queue import dead_or_failed, drain


async def planned(browser: Browser, region: Region, *incidents: str) -> str:
    saule = await browser(region.saule)
    answer = await saule.act("/meetings", {"planned_for": LATER, "incident_ids": list(incidents)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def attended(browser: Browser, region: Region, meeting: str, *people: Any) -> int:
    body = {"held_at": HELD, "attended": [str(p.membership_id) for p in people]}
    status: int = (await (await browser(region.saule)).act(f"{meeting}/attendance", body)).status_code
    return status


async def test_r_043_one_meeting_decides_several_incidents_each_with_its_levels_and_minutes(
    browser: Browser, region: Region, database: str
) -> None:
    first, second = await investigated(browser, region), await investigated(browser, region)
    meeting = await planned(browser, region, first, second)
    invited = "select membership_id from notification where kind = 'meeting_planned' and subject_id = %s"
    told = rows(database, invited, meeting[10:])
    assert {one for (one,) in told} == {region.aigerim.membership_id, region.gulnar.membership_id}
    assert await attended(browser, region, meeting, region.saule, region.aigerim) == 303
    for incident, outcome in ((first, "not_confirmed"), (second, "confirmed_problem_behaviour")):
        done = await decided(browser, region.saule, incident, [], "at_risk", outcome=outcome, minutes="Хаттамамаркер")
        assert (done.status_code, done.headers["location"]) == (303, meeting)
    saule = await browser(region.saule)
    view = (await saule.get(meeting)).json()
    assert {item["incident_id"]: item["outcome"] for item in view["items"]} == {
        first: "not_confirmed",
        second: "confirmed_problem_behaviour",
    }
    incident = (await saule.get(f"/incidents/{first}")).json()
    assert [one["risk_level"] for one in incident["people"]] == ["at_risk"]
    assert incident["decision"]["minutes"] == "Хаттамамаркер"
    assert "Хаттамамаркер" not in str(rows(database, "select t::text from team_meeting t"))
    for action, number in (("planned", 1), ("attended", 1)):
        audited = rows(
            database,
            "select record_ids from audit_log where action = %s and record_ids[1] = %s",
            f"team_meeting.{action}",
            meeting[10:],
        )
        assert [len(ids) for (ids,) in audited] == [2 + number]
    sent = rows(database, "select actor from outbox where args ->> 'incident' = %s", first)
    assert ("casework.open_for_classified",) in sent
    await drain()
    assert dead_or_failed(database) == []
    for page in ("/meetings", meeting):
        assert (await saule.page(page)).status_code == 200


async def test_r_043_nothing_is_decided_without_a_meeting_and_a_level_of_every_child(
    browser: Browser, region: Region
) -> None:
    incident = await investigated(browser, region)
    without = await decided(browser, region.saule, incident, [])
    assert (without.status_code, {f["field"] for f in without.json()["fields"]}) == (422, {"held_at", "attended"})
    wrong = await decided(browser, region.saule, incident, [region.saule, region.aigerim], "medium")
    assert (wrong.status_code, wrong.json()["fields"][0]["code"]) == (422, "not_an_option")


async def test_r_045_only_three_levels_exist(browser: Browser, region: Region) -> None:
    for level in ("not_at_risk", "at_risk", "high_risk", "low_risk"):
        incident = await investigated(browser, region)
        done = await decided(browser, region.saule, incident, [region.saule, region.aigerim], level)
        assert done.status_code == (422 if level == "low_risk" else 303)


async def test_r_044_of_ten_members_five_are_not_enough_and_six_are(
    browser: Browser, region: Region, database: str
) -> None:
    team = [region.saule, region.aigerim, region.gulnar]
    team += [await hire("erlan", region.organisations["school12"], ("team_member",)) for _ in range(7)]
    incident = await investigated(browser, region)
    few = await decided(browser, region.saule, incident, team[:5])
    assert (few.status_code, few.json()["code"]) == (409, "incident.not_full_team")
    assert (await decided(browser, region.saule, incident, team[:6])).status_code == 303
    gone(database, *team[3:])


async def test_r_044_a_member_who_was_never_invited_makes_the_meeting_not_full(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await investigated(browser, region)
    meeting = await planned(browser, region, incident)
    late = await hire("erlan", region.organisations["school12"], ("team_member",))
    everybody = rows(
        database,
        "select id from membership where tenant_id = %s and 'team_member' = any(roles) or 'team_coordinator' = any(roles)",
        region.organisations["school12"],
    )
    saule = await browser(region.saule)
    body = {"held_at": HELD, "attended": [str(one) for (one,) in everybody]}
    assert (await saule.act(f"{meeting}/attendance", body)).status_code == 303
    refused = await decided(browser, region.saule, incident, [])
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.not_full_team")
    assert (await saule.act(f"{meeting}/invite")).status_code == 303
    told = "select count(*) from notification where kind = 'meeting_planned' and membership_id = %s"
    assert rows(database, told, late.membership_id) == [(1,)]
    assert (await decided(browser, region.saule, incident, [])).status_code == 303
    gone(database, late)


async def test_r_064_who_is_in_conflict_with_one_item_sees_a_meeting_without_it(
    browser: Browser, region: Region, database: str
) -> None:
    open_one = await investigated(browser, region)
    hidden = await investigated(browser, region, {str(region.gulnar.person_id): "victim"})
    alone, both = await planned(browser, region, open_one), await planned(browser, region, open_one, hidden)
    only_hidden = await planned(browser, region, hidden)
    gulnar, saule = await browser(region.gulnar), await browser(region.saule)

    def same(text: str) -> str:
        return text.replace(both, alone).replace(both[10:], alone[10:])

    assert (await gulnar.get(alone)).text == same((await gulnar.get(both)).text)
    assert len((await saule.get(both)).json()["items"]) == 2
    listed = (await gulnar.get("/meetings")).json()
    assert only_hidden[10:] not in {row["id"] for row in listed["rows"]}
    (number,) = rows(database, "select number from incident where id = %s", hidden)[0]
    assert number not in str(listed) + (await gulnar.page("/meetings")).text + (await gulnar.page(both)).text
    missing, random = await gulnar.get(only_hidden), await gulnar.get(f"/meetings/{new_id()}")
    assert (missing.status_code, missing.content) == (404, random.content)
    told = "select subject_id from notification where kind = 'meeting_planned' and membership_id = %s"
    assert only_hidden[10:] not in {str(one) for (one,) in rows(database, told, region.gulnar.membership_id)}
    stored = "select invited from team_sitting_item where incident_id = %s"
    assert not any(region.gulnar.membership_id in invited for (invited,) in rows(database, stored, hidden))
    refused = await gulnar.act("/meetings", {"planned_for": LATER, "incident_ids": [hidden]})
    foreign = await gulnar.act("/meetings", {"planned_for": LATER, "incident_ids": [str(new_id())]})
    assert (refused.status_code, refused.content) == (422, foreign.content)


async def test_r_044_a_tick_does_not_count_who_is_in_conflict(browser: Browser, region: Region, database: str) -> None:
    hidden = await investigated(browser, region, {str(region.gulnar.person_id): "witness"})
    meeting = await planned(browser, region, hidden)
    assert await attended(browser, region, meeting, region.saule, region.gulnar) == 303
    stored = rows(database, "select attended from team_sitting_item where incident_id = %s", hidden)
    assert stored == [([region.saule.membership_id],)]


@pytest.mark.parametrize("who", ["marat", "daulet", "zhanna"])
async def test_meetings_are_the_team_s_own(browser: Browser, region: Region, who: str) -> None:
    client = await browser(region.people[who])
    assert (await client.get("/meetings")).status_code == 403
    assert (await client.act("/meetings", {"planned_for": LATER, "incident_ids": []})).status_code == 403


async def test_a_plan_says_all_that_is_wrong_with_it(browser: Browser, region: Region) -> None:
    saule = await browser(region.saule)
    empty = await saule.act("/meetings", {})
    assert {f["field"] for f in empty.json()["fields"]} == {"planned_for", "incident_ids"}
    incident = await investigated(browser, region, {await student(region, "Өткенов", "Бала"): "victim"})
    past = await saule.act("/meetings", {"planned_for": HELD, "incident_ids": [incident]}, html=True)
    assert past.status_code == 422
    assert (await saule.act("/meetings", {"planned_for": LATER, "incident_ids": [str(new_id())]})).status_code == 422
