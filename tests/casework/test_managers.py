"""Cases open by themselves after a classification; nobody manages both sides (R-046, R-051, R-075 … R-077, R-263)."""

import asyncio
from typing import Any
from uuid import UUID

from src.platform.casework import service
from src.platform.kit.ids import new_id
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from tests.support.http import Browser
from tests.support.incidents import classified, rows
from tests.support.inside import as_person, inside
from tests.support.people import Region, hire
from tests.support.queue import drain


async def cases_of(browser: Browser, region: Region, database: str, incident: str) -> dict[str, str]:
    await drain()
    return {
        side: str(i) for side, i in rows(database, "select side, id from child_case where incident_id = %s", incident)
    }


async def appoint(browser: Browser, region: Region, case: str, manager: Any) -> Any:
    saule = await browser(region.saule)
    version = (await saule.get(f"/cases/{case}")).json()["version"]
    return await saule.act(f"/cases/{case}/manager", {"version": version, "manager": str(manager.membership_id)})


async def test_r_263_a_victim_and_a_child_at_risk_get_a_case_each_and_nobody_else(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "not_at_risk", "alleged_offender": "at_risk"})
    assert set(await cases_of(browser, region, database, incident)) == {"victim", "offender"}
    harmless = await classified(browser, region, {"alleged_offender": "not_at_risk"})
    assert await cases_of(browser, region, database, harmless) == {}


async def test_r_075_the_same_manager_for_both_sides_is_refused_in_either_order(
    browser: Browser, region: Region, database: str
) -> None:
    for first, second in (("victim", "offender"), ("offender", "victim")):
        incident = await classified(browser, region, {"victim": "at_risk", "alleged_offender": "high_risk"})
        cases = await cases_of(browser, region, database, incident)
        assert (await appoint(browser, region, cases[first], region.aigerim)).status_code == 303
        refused = await appoint(browser, region, cases[second], region.aigerim)
        assert (refused.status_code, refused.json()["code"]) == (409, "case.both_sides")
        assert (await appoint(browser, region, cases[second], region.gulnar)).status_code == 303


async def test_r_077_a_child_on_both_sides_needs_one_manager_who_has_no_other_child_of_the_incident(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"both": "at_risk", "victim": "at_risk"})
    cases = await cases_of(browser, region, database, incident)
    assert (await appoint(browser, region, cases["both"], region.aigerim)).status_code == 303
    assert (await appoint(browser, region, cases["victim"], region.aigerim)).json()["code"] == "case.both_sides"


async def test_r_076_the_manager_of_one_side_does_not_see_the_case_of_the_other(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "at_risk", "alleged_offender": "at_risk"})
    cases = await cases_of(browser, region, database, incident)
    await appoint(browser, region, cases["victim"], region.aigerim)
    aigerim = await browser(region.aigerim)
    own = await aigerim.get(f"/cases/{cases['victim']}")
    other, random = await aigerim.get(f"/cases/{cases['offender']}"), await aigerim.get(f"/cases/{new_id()}")
    assert own.status_code == 200
    assert other.status_code == random.status_code == 404
    assert other.content == random.content
    assert cases["offender"] not in {row["id"] for row in (await aigerim.get("/cases")).json()["rows"]}


async def test_r_063_the_name_opens_by_one_press_with_an_audit_row(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "at_risk"})
    case = (await cases_of(browser, region, database, incident))["victim"]
    await appoint(browser, region, case, region.gulnar)
    gulnar = await browser(region.gulnar)
    assert "Балаа" not in (await gulnar.page(f"/cases/{case}")).text
    assert (await gulnar.act(f"/cases/{case}/name")).json()["name"] == "Балааев Сынақ"
    found = rows(database, "select classes from audit_log where action = 'identity.read' and record_ids[1] = %s", case)
    assert found == [(["identity-victim"],)]
    marat = await browser(region.marat)
    assert (await marat.get(f"/cases/{case}")).status_code == 403


async def test_running_the_same_event_twice_opens_nothing_twice(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "at_risk"})
    await drain()
    async with inside(region.organisations["school12"]) as work:
        await service.open_for_classified(work, UUID(incident))
    assert rows(database, "select count(*) from child_case where incident_id = %s", incident) == [(1,)]


async def test_r_075_two_appointments_at_once_cannot_put_one_person_on_both_sides(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "at_risk", "alleged_offender": "high_risk"})
    cases = await cases_of(browser, region, database, incident)
    clients = [await browser.fresh(region.saule) for _ in cases]
    body = {"version": 1, "manager": str(region.aigerim.membership_id)}
    answers = await asyncio.gather(
        *(client.act(f"/cases/{case}/manager", body) for client, case in zip(clients, cases.values(), strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    for client in clients:
        await client.aclose()


async def test_r_064_a_relative_of_somebody_named_is_not_appointed(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"alleged_offender": "high_risk"})
    case = (await cases_of(browser, region, database, incident))["offender"]
    link = rows(database, "select link from child_case where id = %s", case)[0][0]
    async with as_person(region.saule) as work:
        child = await vault.open_link(work, bytes(link), UUID(case))
        await vault_ties.tie(work, child, region.gulnar.person_id, "mother")
    refused = await appoint(browser, region, case, region.gulnar)
    assert (refused.status_code, refused.json()["code"]) == (409, "case.manager_named")
    assert (await appoint(browser, region, case, region.aigerim)).status_code == 303


async def test_only_the_manager_and_the_coordinator_refer_even_where_more_people_see_the_case(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "at_risk"})
    case = (await cases_of(browser, region, database, incident))["victim"]
    assert (await appoint(browser, region, case, region.aigerim)).status_code == 303
    erlan = await hire("erlan", region.organisations["school12"], ("school_director", "team_member"))
    for person, refers in ((region.aigerim, True), (region.saule, True), (region.daulet, False), (erlan, False)):
        client = await browser(person)
        assert ("refer" in (await client.get(f"/cases/{case}")).json()["may"]) is refers
        assert (f"/cases/{case}/refer" in (await client.page(f"/cases/{case}")).text) is refers
        assert (await client.get(f"/cases/{case}/refer")).status_code == (200 if refers else 403)
    body = {"recipients": f"{region.organisations['commission']}.legal_help", "reason": "қолдау керек"}
    refused = await (await browser(erlan)).act(f"/cases/{case}/refer", {**body, "read_for_identities": True})
    assert refused.status_code == 403
    assert rows(database, "select 1 from audit_log where action = 'referral.sent'") == []
    assert (await (await browser(region.gulnar)).get(f"/cases/{case}/refer")).status_code == 404
