"""The story of an incident and who has looked at it, each cut for who asks."""

from typing import Any

import pytest

from tests.support.http import Browser
from tests.support.incidents import act, reported, rows
from tests.support.people import Person, Region
from tests.support.statements import sent
from tests.support.world import World, lived
from tests.web.test_pages_cost import MOST_STATEMENTS

HEALTH = ("self_harm_sign", "injured_count", "injuries")
WHOLE = [
    "reported",
    "named",
    "named",
    "screened",
    "started",
    "heard",
    "heard",
    "heard",
    "injuries_noted",
    "investigated",
    "classified",
]


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


async def story(browser: Browser, person: Person, incident: object) -> Any:
    return await (await browser(person)).get(f"/incidents/{incident}/chronology")


def kinds(answer: Any) -> list[str]:
    return [one["kind"] for one in answer.json()["moments"]]


async def as_support(browser: Browser, region: Region, database: str, incident: object) -> Person:
    """Somebody who reads by the duty of a support person: no names but the victim's, and health."""
    person = region.bota
    update = "update membership set roles = %s where id = %s returning id"
    rows(database, update, ["school_social_worker"], person.membership_id)
    duty = "insert into incident_duty values (%s, %s, %s, 'support_person') on conflict do nothing returning duty"
    rows(database, duty, person.tenant_id, incident, person.membership_id)
    browser._clients.pop(person.sign_in, None)
    return person


async def test_the_story_is_told_in_the_order_of_time_with_who_did_what(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    incident = world.ids["incident_id"]
    answer = await story(browser, region.saule, incident)
    assert answer.status_code == 200, answer.text
    moments = answer.json()["moments"]
    without_release = [one for one in kinds(answer) if one != "texts_released"]
    assert without_release == [*WHOLE, "case_opened", "case_opened", "parents_told", "protection_asked"]
    assert moments == sorted(moments, key=lambda one: one["at"])
    by = {one["kind"]: one.get("by") for one in moments}
    assert by["screened"] == "Saparova Saule"
    assert by["heard"] == "Akhmetova Aigerim"
    assert by["reported"] is None
    assert not answer.json()["cut"]
    codes = {
        one["code"] for one in (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["people"]
    }
    assert {one["who"] for one in moments if one["kind"] == "named"} == codes
    row = rows(
        database, "select action, record_ids from audit_log where action = 'incident.chronology_read' order by seq"
    )[-1]
    assert row == ("incident.chronology_read", [incident])


async def test_s_15_a_reader_without_the_class_hears_of_no_talk_with_a_reporter_and_of_no_further_report(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    incident = world.ids["incident_id"]
    helper = await as_support(browser, region, database, incident)
    before = await story(browser, helper, incident)
    assert not {"heard", "waived"} & set(kinds(before))
    assert before.json()["cut"]
    await act(browser, region.saule, region, str(incident), "read")
    told, whole = await story(browser, helper, incident), await story(browser, region.saule, incident)
    assert kinds(whole).count("heard") == kinds(told).count("heard") + 1
    again = "select audit_log.* from audit_log where action = 'report.submitted' and %s = any(record_ids)"
    assert len(rows(database, again, incident)) == kinds(told).count("reported") == 1
    texts = str(told.json())
    assert "Muratov" not in texts
    assert "Хабарлаушы" not in texts


async def test_r_051_a_case_stands_in_the_story_for_who_may_open_it_and_for_nobody_else(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    incident = world.ids["incident_id"]
    for person in (region.saule, region.daulet, region.aigerim, region.gulnar):
        client, answer = await browser(person), await story(browser, person, incident)
        shown = {one["path"] for one in answer.json()["moments"] if one["kind"] == "case_opened"}
        mine = {f"/cases/{row['id']}" for row in (await client.get("/cases")).json().get("rows", [])}
        assert shown == mine, person.name
    gulnar = await browser(region.gulnar)
    assert (await gulnar.get(f"/incidents/{incident}")).status_code == 200
    assert (await gulnar.get(f"/cases/{world.ids['case_id']}")).status_code in (403, 404)


async def test_s_15_changes_name_their_field_and_value_only_to_who_reads_that_class(
    region: Region, browser: Browser, database: str
) -> None:
    incident = await reported(browser, region)
    said = {
        "harmed": "yes",
        "harm_danger": "no",
        "sent_to_medical": "yes",
        "place": "toilet",
        "happened_on": "2026-11-02",
    }
    health = {"self_harm_sign": "yes", "injured_count": "2", "injuries": "қолы ауырады"}
    done = await act(browser, region.saule, region, incident, "triage", **said, **health)
    assert done.status_code == 303, done.text
    (row,) = rows(
        database, "select detail from audit_log where action = 'incident.changed' and %s = any(record_ids)", incident
    )
    assert row[0]["place"] == "toilet"
    assert [row[0][name] for name in HEALTH] == ["", "", ""]
    assert "ауырады" not in str(row)
    helper = await as_support(browser, region, database, incident)
    for person, sees in ((region.saule, False), (region.daulet, False), (helper, True)):
        answer = await story(browser, person, incident)
        (triaged,) = [one for one in answer.json()["moments"] if one["kind"] == "triaged"]
        assert triaged["changes"]["place"] == "toilet"
        assert triaged["changes"]["happened_on"] == "2026-11-02"
        assert bool(set(HEALTH) & set(triaged["changes"])) is sees, person.name
    page = (await (await browser(region.saule)).page(f"/incidents/{incident}/chronology")).text
    assert "02.11.2026" in page
    assert "Әжетхана" in page


async def test_s_12_a_story_of_a_hidden_or_unknown_incident_does_not_exist(
    region: Region, browser: Browser, world: World
) -> None:
    for person in (region.marat, region.erlan, region.zhanna, region.timur, region.asel, region.oleg):
        assert (await story(browser, person, world.ids["incident_id"])).status_code == 403, person.name
    hidden = await reported(browser, region)
    saule = await browser(region.saule)
    named = {"person_id": str(region.daulet.person_id), "involvement": "alleged_offender", "kind": "employee"}
    assert (await saule.act(f"/incidents/{hidden}/people", named)).status_code == 303
    gone, unknown = (
        await story(browser, region.daulet, hidden),
        await story(browser, region.daulet, region.daulet.user_id),
    )
    assert gone.status_code == unknown.status_code == 404
    assert gone.content == unknown.content


async def test_decision_24_the_story_and_the_log_cost_four_statements(
    region: Region, browser: Browser, world: World
) -> None:
    saule, incident = await browser(region.saule), world.ids["incident_id"]
    for path in (f"/incidents/{incident}/chronology", f"/access/log/incidents/{incident}"):
        assert (await saule.page(path)).status_code == 200
        with sent() as seen:
            await saule.page(path)
        assert len(seen) <= MOST_STATEMENTS, seen
