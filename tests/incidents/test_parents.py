"""Parents are informed and it is written down; a parent who is the alleged offender gets nothing (R-248, R-261, R-262)."""

from typing import Any
from uuid import UUID

from src.platform.kit.ids import new_id
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import as_person
from tests.support.people import Region
from tests.support.queue import drain

NO = {"harmed": "no", "harm_danger": "no"}
WHY = "Мекенжайы белгісіз"


async def parent_of(region: Region, child: str, given: str) -> str:
    """A parent in the vault."""
    async with as_person(region.aigerim) as work:
        parent = await vault.add_person(work, "guardian", Identity(family_name="Тілеуов", given_name=given))
        await vault_ties.tie(work, UUID(child), parent, "father")
    return str(parent)


async def investigated(browser: Browser, region: Region, incident: str) -> None:
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, incident, "start")
    aigerim = await browser(region.aigerim)
    for one in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        await aigerim.act(f"/incidents/{incident}/hear", {one["field"]: one["id"], "waiver": "refused"})
    done = await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    assert done.status_code == 303, done.text


async def children(browser: Browser, region: Region, incident: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await (await browser(region.saule)).get(f"/incidents/{incident}/parents")).json()[
        "children"
    ]
    return found


async def inform(browser: Browser, region: Region, incident: str, child: str, **body: Any) -> Any:
    saule = await browser(region.saule)
    return await saule.act(f"/incidents/{incident}/parents", {"participation_id": child, **body})


async def test_r_248_an_investigated_incident_without_a_word_about_the_parents_is_flagged(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, **NO)
    await name(browser, region, incident, await student(region, "Тілеуов", "Ислам"), "victim")
    await name(browser, region, incident, await student(region, "Қадамов", "Сынақ"), "witness")
    await name(browser, region, incident, str(region.bota.person_id), "witness", "employee")
    saule = await browser(region.saule)
    assert (await saule.get(f"/incidents/{incident}")).json()["without_parents"] == []
    await investigated(browser, region, incident)
    known = await children(browser, region, incident)
    assert [child["is_open"] for child in known] == [True, True]  # of children only
    assert sorted((await saule.get(f"/incidents/{incident}")).json()["without_parents"]) == sorted(
        child["code"] for child in known
    )
    assert known[0]["code"] in (await saule.page(f"/incidents/{incident}")).text
    told = await inform(
        browser, region, incident, known[0]["participation_id"], informed="parents", informed_at="2026-11-20T12:30"
    )
    assert told.status_code == 303, told.text
    excused = await inform(browser, region, incident, known[1]["participation_id"], reason=WHY)
    assert excused.status_code == 303
    assert (await saule.get(f"/incidents/{incident}")).json()["without_parents"] == []
    after = await children(browser, region, incident)
    assert (after[0]["informed"], after[0]["informed_at"][:16], after[1]["reason"]) == (
        "parents",
        "2026-11-20T07:30",
        WHY,
    )
    assert WHY not in str(rows(database, "select p::text from participation p"))
    audited = "select count(*) from audit_log where action = 'incident.parents_recorded' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(2,)]


async def test_r_248_either_who_was_informed_or_why_nobody_was(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, **NO)
    await name(browser, region, incident, await student(region, "Тілеуов", "Асан"), "victim")
    (child,) = await children(browser, region, incident)
    for body in ({}, {"informed": "parents", "reason": WHY}):
        refused = await inform(browser, region, incident, child["participation_id"], **body)
        assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "informed")
    early = await inform(
        browser, region, incident, child["participation_id"], informed="parents", informed_at="2099-01-01T10:00"
    )
    assert (early.status_code, early.json()["fields"][0]["field"]) == (422, "informed_at")
    page = await (await browser(region.saule)).act(
        f"/incidents/{incident}/parents",
        {"participation_id": child["participation_id"], "reason": WHY, "informed": "parents"},
        html=True,
    )
    assert page.status_code == 422
    assert WHY in page.text


async def test_r_248_who_may_not_read_the_incident_learns_nothing(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, **NO)
    await name(browser, region, incident, await student(region, "Тілеуов", "Әли"), "victim")
    await name(browser, region, incident, str(region.gulnar.person_id), "witness", "employee")
    (child,) = await children(browser, region, incident)
    body = {"participation_id": child["participation_id"], "reason": WHY}
    for person, status in ((region.daulet, 403), (region.marat, 403), (region.gulnar, 200)):
        client = await browser(person)  # the director does not inform; a witness of the team keeps working
        assert (await client.get(f"/incidents/{incident}/parents")).status_code == status
    gulnar = await browser(region.gulnar)
    await name(browser, region, incident, str(region.aigerim.person_id), "alleged_offender", "employee")
    aigerim = await browser(region.aigerim)
    assert (await aigerim.get(f"/incidents/{incident}/parents")).status_code == 404
    assert (await aigerim.act(f"/incidents/{incident}/parents", body)).status_code == 404
    unknown = await gulnar.act(f"/incidents/{incident}/parents", {**body, "participation_id": str(new_id())})
    assert unknown.status_code == 404


async def test_r_261_a_parent_who_is_the_alleged_offender_is_not_the_one_to_inform(
    browser: Browser, region: Region
) -> None:
    incident = await reported(browser, region, place="home", **NO)
    child = await student(region, "Тілеуов", "Нұр")
    father = await parent_of(region, child, "Қуат")
    saule = await browser(region.saule)
    await name(browser, region, incident, child, "victim")
    await name(browser, region, incident, await student(region, "Басқа", "Бала"), "witness")
    assert [one["parent_is_accused"] for one in await children(browser, region, incident)] == [False, False]
    found = (await saule.act(f"/incidents/{incident}/search", {"text": "Тілеуов Қуат"})).json()["found"]
    assert [(one["person_id"], one["kind"]) for one in found] == [(father, "guardian")]
    await name(browser, region, incident, father, "alleged_offender", "other_adult")
    victim, other = await children(browser, region, incident)
    assert (victim["parent_is_accused"], other["parent_is_accused"]) == (True, False)
    page = (await saule.page(f"/incidents/{incident}/parents")).text
    assert page.count('value="parents"') == 1  # for the other child only
    assert "қорғаншылық органына хабарлаңыз" in page
    refused = await inform(browser, region, incident, victim["participation_id"], informed="parents")
    assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "parent_is_accused")
    for instead in ("other_representative", "guardianship_body"):
        told = await inform(browser, region, incident, victim["participation_id"], informed=instead)
        assert told.status_code == 303, told.text


async def test_r_262_parents_who_refuse_or_are_not_there_hold_nothing_up(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, **NO)
    await name(browser, region, incident, await student(region, "Тілеуов", "Бекзат"), "victim")
    await act(browser, region.saule, region, incident, "triage", harmed=True, sent_to_medical="yes")
    worse = await act(browser, region.saule, region, incident, "triage", harmed=True, serious_signs=["physical_injury"])
    assert worse.status_code == 303
    (child,) = await children(browser, region, incident)
    refused = await inform(browser, region, incident, child["participation_id"], reason="Бас тартты")
    assert refused.status_code == 303
    assert (await act(browser, region.saule, region, incident, "forward", targets=["police"])).status_code == 303
    await investigated(browser, region, incident)
    team = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    people = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["people"]
    decided = await act(
        browser,
        region.saule,
        region,
        incident,
        "classify",
        attended=team,
        outcome="confirmed_violence",
        held_at="2026-11-20T16:00",
        safety_measures="бөлек отырғызу",
        **{f"level-{one['id']}": "at_risk" for one in people},
    )
    assert decided.status_code == 303, decided.text
    await drain()
    saule = await browser(region.saule)
    case = next(one["id"] for one in (await saule.get("/cases")).json()["rows"] if one["manager"] is None)
    version = (await saule.get(f"/cases/{case}")).json()["version"]
    manager = {"version": version, "manager": str(region.gulnar.membership_id)}
    assert (await saule.act(f"/cases/{case}/manager", manager)).status_code == 303  # no victim is left alone
    assert (await act(browser, region.saule, region, incident, "close")).status_code == 303
