"""«Who has looked at this»: for the owner of a record, from the chain; a reporter stands in no row."""

from typing import Any
from uuid import UUID

import pytest

from src.platform.kit.ids import new_id
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows, student
from tests.support.people import Person, Region
from tests.support.world import VICTIM, World, lived


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


async def log(browser: Browser, person: Person, record: object, kind: str = "incidents", page: int = 1) -> Any:
    return await (await browser(person)).get(f"/access/log/{kind}/{record}?page={page}")


async def test_r_063_the_owner_reads_who_saw_which_class_and_when(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    incident = world.ids["incident_id"]
    daulet = await browser(region.daulet)
    await daulet.get(f"/incidents/{incident}")
    await daulet.act(f"/incidents/{incident}/names")
    answer = await log(browser, region.gulnar, incident)
    assert answer.status_code == 200, answer.text
    named, opened = answer.json()["rows"][:2]
    assert (named["name"], named["action"]) == ("Dauletov Daulet", "identity.read")
    assert {"identity-victim", "identity-offender"} <= set(named["classes"])
    assert (opened["name"], opened["action"]) == ("Dauletov Daulet", "incident.read")
    (row,) = rows(database, "select action, record_ids, classes from audit_log order by seq desc limit 1")
    assert row == ("access.log_shown", [incident], ["school-internal"])
    again = await log(browser, region.gulnar, incident)
    assert again.json()["rows"][0]["action"] == "access.log_shown"


async def test_s_18_who_reported_stands_in_no_row_though_the_chain_has_the_report(
    region: Region, browser: Browser, database: str
) -> None:
    """A member of the team reports: only what she did as a member is listed."""
    gulnar = await browser(region.gulnar)
    assert (await gulnar.act("/report", {"description": "дәлізде"})).status_code == 303
    ((incident,),) = rows(database, "select id from incident order by reported_at desc limit 1")
    assert rows(database, "select 1 from audit_log where actor_sealed is not null and %s = any(record_ids)", incident)
    await gulnar.get("/my-reports")
    found = (await log(browser, region.saule, incident)).json()["rows"]
    assert not any(one["name"].startswith("Ganieva") for one in found)
    assert not any(one["action"] == "report.submitted" for one in found)


@pytest.mark.parametrize("kind", ["incidents", "cases", "referrals"])
async def test_every_kind_of_record_has_a_log_and_its_page_leads_there(
    region: Region, browser: Browser, world: World, kind: str
) -> None:
    record = world.ids[{"incidents": "incident_id", "cases": "case_id", "referrals": "referral_id"}[kind]]
    saule = await browser(region.saule)
    assert f'href="/access/log/{kind}/{record}"' in (await saule.page(f"/{kind}/{record}")).text
    page = await saule.page(f"/access/log/{kind}/{record}")
    assert page.status_code == 200
    assert "Saparova Saule" in page.text


async def searched(browser: Browser, person: Person, text: str) -> None:
    assert (await (await browser(person)).act("/people", {"text": text})).status_code == 200


async def test_decision_17_the_owner_reads_who_found_a_person_of_the_record_by_a_search(
    region: Region, browser: Browser, database: str
) -> None:
    incident = await reported(browser, region)
    child = await student(region, "Іздестіров", "Табыл")
    other = await student(region, "Басқабаев", "Табыл")
    assert (await name(browser, region, incident, child, "victim")).status_code == 303
    await searched(browser, region.bota, "Іздестір")
    await searched(browser, region.marat, "Басқабай")  # another child, and nobody at all
    await searched(browser, region.marat, "Ешкімов")
    answer = await log(browser, region.saule, incident)
    found = [one for one in answer.json()["rows"] if one["action"] == "person.searched"]
    code = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["people"][0]["code"]
    assert [(one["name"], one["people"], one["classes"]) for one in found] == [("Bekova Bota", [code], [])]
    page = await (await browser(region.saule)).page(f"/access/log/incidents/{incident}")
    for text in (answer.text, page.text):
        assert not any(word in text for word in ("Іздест", "Табыл", "Басқаб", child, other))
    kept = (
        "select record_ids, detail from audit_log where action = 'person.searched' and actor_id = %s order by seq desc"
    )
    assert rows(database, kept, region.bota.user_id)[0] == ([UUID(child)], {})
    unrelated = await reported(browser, region)
    seen = (await log(browser, region.saule, unrelated)).json()["rows"]
    assert not any(one["action"] == "person.searched" for one in seen)


async def test_decision_17_a_search_that_found_several_names_those_of_the_record_only(
    region: Region, browser: Browser
) -> None:
    incident = await reported(browser, region)
    mine, beside = [await student(region, "Егіздеров", given) for given in ("Асан", "Үсен")]
    assert (await name(browser, region, incident, mine, "alleged_offender")).status_code == 303
    await searched(browser, region.bota, "Егіздер")
    (row,) = [one for one in (await log(browser, region.gulnar, incident)).json()["rows"] if one["people"]]
    assert (len(row["people"]), row["name"], beside in str(row)) == (1, "Bekova Bota", False)


async def test_decision_17_a_case_says_who_looked_for_its_child_and_who_may_not_ask_reads_nothing(
    region: Region, browser: Browser, world: World, database: str
) -> None:
    case = world.ids["case_id"]
    await searched(browser, region.bota, VICTIM.family_name)
    answer = await log(browser, region.saule, case, "cases")
    first = next(one for one in answer.json()["rows"] if one["action"] == "person.searched")
    assert (first["name"], first["people"]) == ("Bekova Bota", [answer.json()["label"]])
    assert VICTIM.family_name not in answer.text
    for person in (region.daulet, region.bota, region.marat, region.erlan, region.zhanna, region.timur, region.asel):
        refused = await log(browser, person, case, "cases")
        assert refused.status_code == 403, person.name
        assert "person.searched" not in refused.text


async def test_r_059_searching_for_who_reported_leaves_no_row_in_the_log(region: Region, browser: Browser) -> None:
    incident = await reported(browser, region)  # by Marat
    await searched(browser, region.bota, region.marat.name.title())
    seen = (await log(browser, region.saule, incident)).json()["rows"]
    assert not any(one["action"] == "person.searched" for one in seen)


async def test_s_12_the_log_is_for_the_owner_and_a_conflict_takes_it_away(
    region: Region, browser: Browser, world: World
) -> None:
    incident = world.ids["incident_id"]
    for person in (region.daulet, region.marat, region.bota, region.erlan, region.zhanna, region.timur, region.asel):
        answers = [await log(browser, person, one) for one in (incident, new_id())]
        assert {one.status_code for one in answers} == {403}, person.name
        assert answers[0].content == answers[1].content
    hidden = await reported(browser, region)
    assert (await log(browser, region.gulnar, hidden)).status_code == 200
    await name(browser, region, hidden, str(region.gulnar.person_id), "alleged_offender", "employee")
    gone, unknown = await log(browser, region.gulnar, hidden), await log(browser, region.gulnar, new_id())
    assert (gone.status_code, gone.content) == (404, unknown.content)


async def test_pages_of_the_log_follow_each_other(
    region: Region, browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.platform.readership.service.PAGE_SIZE", 3)
    incident = world.ids["incident_id"]
    first, second = [(await log(browser, region.saule, incident, page=number)).json() for number in (1, 2)]
    assert len(first["rows"]) == len(second["rows"]) == 3
    assert first["earlier"] == 2
    assert first["rows"][0]["at"] > second["rows"][0]["at"]
    last = (await log(browser, region.saule, incident, page=500)).json()
    assert (last["rows"], last["earlier"]) == ([], None)
    for damaged in ("x", "-1", "99999"):
        assert (
            await (await browser(region.saule)).get(f"/access/log/incidents/{incident}?page={damaged}")
        ).status_code == 422
