"""«Who has looked at this»: for the owner of a record, from the chain; a reporter stands in no row."""

from typing import Any

import pytest

from src.platform.kit.ids import new_id
from tests.support.http import Browser
from tests.support.incidents import name, reported, rows
from tests.support.people import Person, Region
from tests.support.world import World, lived


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
