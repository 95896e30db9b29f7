"""Names in the texts of an incident over HTTP (decisions 15): marked, cut for each reader, undone, and let out by a press."""

from typing import Any
from uuid import UUID

import pytest

from src.platform.tenants import service as tenants
from src.platform.vault import ties as vault_ties
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import as_person, inside
from tests.support.people import Region

TEXT = "Арман Әселді дәлізде итерді. Арман қашып кетті."


@pytest.fixture(scope="module")
async def support(region: Region) -> Region:
    """Bota becomes a social pedagogue: no member of the team, she reads only what she is given."""
    async with inside(region.organisations["school12"]) as work:
        await tenants.grant_role(work, region.bota.membership_id, "social_pedagogue")
    return region


async def told(browser: Browser, region: Region) -> tuple[str, dict[str, str]]:
    """A report with two names, both people named in the incident, Bota as the victim's support person."""
    incident = await reported(browser, region, description=TEXT)
    victim, offender = await student(region, "Сейітова", "Әсел"), await student(region, "Оспанов", "Арман")
    await name(browser, region, incident, victim, "victim")
    await name(browser, region, incident, offender, "alleged_offender")
    duties = {"investigators": [str(region.aigerim.membership_id)], "support": str(region.bota.membership_id)}
    screened = await act(browser, region.saule, region, incident, "screen", **duties)
    assert screened.status_code == 303, screened.text
    seen = await view(browser, region.aigerim, incident)
    return incident, {person["involvement"]: person["id"] for person in seen["people"]}


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def mark(browser: Browser, region: Region, incident: str, surface: str, person: str) -> Any:
    return await act(browser, region.aigerim, region, incident, "mark", surface=surface, stands_for=person)


async def description(browser: Browser, person: Any, incident: str) -> str:
    return str((await view(browser, person, incident))["reports"][0]["description"])


async def test_marked_names_are_codes_until_one_press_gives_the_typed_forms_back(
    browser: Browser, support: Region, database: str
) -> None:
    incident, people = await told(browser, support)
    codes = {p["involvement"]: p["code"] for p in (await view(browser, support.aigerim, incident))["people"]}
    assert (await mark(browser, support, incident, "Арман", people["alleged_offender"])).status_code == 303
    assert (await mark(browser, support, incident, "Әселді", people["victim"])).status_code == 303
    cut = await description(browser, support.aigerim, incident)
    assert (
        cut == f"{codes['alleged_offender']} {codes['victim']} дәлізде итерді. {codes['alleged_offender']} қашып кетті."
    )
    opened = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/names")).json()
    assert opened["reports"][0]["description"] == TEXT
    audited = "select count(*) from audit_log where action = 'incident.name_marked' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(2,)]
    dump = str(rows(database, "select t::text from narrative_token t")) + str(
        rows(database, "select t::text from report t")
    )
    assert "Арман" not in dump


async def test_a_form_that_stands_nowhere_is_refused_and_so_is_a_stranger(browser: Browser, support: Region) -> None:
    incident, people = await told(browser, support)
    nowhere = await mark(browser, support, incident, "Данияр", people["victim"])
    assert (nowhere.status_code, nowhere.json()["fields"][0]["field"]) == (422, "surface")
    other, _ = await told(browser, support)
    foreign = await mark(browser, support, other, "Арман", people["victim"])
    assert foreign.status_code == 404


async def test_a_reader_without_every_identity_class_gets_no_text_before_somebody_read_it(
    browser: Browser, support: Region, database: str
) -> None:
    incident, people = await told(browser, support)
    before = await view(browser, support.bota, incident)
    assert {"reports", "findings", "safety_measures", "heard"} <= set(before["hidden"])
    assert before["reports"] == []
    page = await (await browser(support.bota)).page(f"/incidents/{incident}")
    assert page.status_code == 200
    assert "Арман" not in page.text
    await mark(browser, support, incident, "Арман", people["alleged_offender"])
    await mark(browser, support, incident, "Әселді", people["victim"])
    assert (await act(browser, support.aigerim, support, incident, "read")).status_code == 303
    bota = await browser(support.bota)
    opened = (await bota.act(f"/incidents/{incident}/names")).json()
    offender = next(p for p in opened["people"] if p["involvement"] == "alleged_offender")
    assert opened["reports"][0]["description"].startswith(f"{offender['code']} Әселді")
    assert "name" not in offender or offender["name"] is None
    assert not {"reporter_name", "reporter_status"} & set(opened["reports"][0])
    assert "reports.reporter_status" in opened["hidden"]
    audited = "select classes from audit_log where action = 'identity.read' and actor_id = %s and %s = any (record_ids)"
    assert rows(database, audited, support.bota.user_id, incident) == [(["identity-victim"],)]
    refused = await act(browser, support.bota, support, incident, "mark", surface="x", stands_for=people["victim"])
    assert refused.status_code == 403


async def test_a_new_text_is_held_back_until_it_was_read_too(browser: Browser, support: Region) -> None:
    incident, people = await told(browser, support)
    await act(browser, support.aigerim, support, incident, "read")
    assert (await view(browser, support.bota, incident))["reports"] != []
    await act(browser, support.aigerim, support, incident, "start")
    talk = {"participation_id": people["victim"], "held_at": "2026-11-20T10:00", "notes": "Арман итерді деді"}
    assert (await (await browser(support.aigerim)).act(f"/incidents/{incident}/hear", talk)).status_code == 303
    assert (await view(browser, support.bota, incident))["reports"] == []


async def test_r_059_notes_of_a_talk_need_the_class_of_the_person_too(browser: Browser, support: Region) -> None:
    incident, people = await told(browser, support)
    await act(browser, support.aigerim, support, incident, "start")
    for involvement in ("victim", "alleged_offender"):
        talk = {"participation_id": people[involvement], "held_at": "2026-11-20T10:00", "notes": f"{involvement} айтты"}
        await (await browser(support.aigerim)).act(f"/incidents/{incident}/hear", talk)
    await act(browser, support.aigerim, support, incident, "read")
    seen = await view(browser, support.bota, incident)
    assert [talk.get("notes") for talk in seen["heard"]] == ["victim айтты", None]
    assert "heard.notes" in seen["hidden"]


async def test_a_mark_can_be_undone_and_the_texts_are_to_be_read_again(browser: Browser, support: Region) -> None:
    incident, people = await told(browser, support)
    await mark(browser, support, incident, "Арман", people["alleged_offender"])
    await act(browser, support.aigerim, support, incident, "read")
    token = (await view(browser, support.aigerim, incident))["marked"][0]["id"]
    assert (await act(browser, support.aigerim, support, incident, "unmark", token_id=token)).status_code == 303
    seen = await view(browser, support.aigerim, incident)
    assert (seen["reports"][0]["description"], seen["marked"], seen["identities_read_at"]) == (TEXT, [], None)
    twice = await act(browser, support.aigerim, support, incident, "unmark", token_id=token)
    assert twice.status_code == 404


async def test_the_reporters_own_name_in_a_text_is_of_the_narrowest_class(browser: Browser, support: Region) -> None:
    incident = await reported(browser, support, description="Мен, Марат, көрдім")
    report = (await view(browser, support.aigerim, incident))["reports"][0]
    assert (await mark(browser, support, incident, "Марат", report["id"])).status_code == 303
    assert await description(browser, support.aigerim, incident) == f"Мен, {report['reporter']}, көрдім"
    opened = (await (await browser(support.aigerim)).act(f"/incidents/{incident}/names")).json()["reports"][0]
    assert (opened["description"], opened["reporter_name"]) == ("Мен, Марат, көрдім", "Muratov Marat")


async def test_r_078_a_relative_is_neither_investigator_nor_support_person(browser: Browser, support: Region) -> None:
    incident = await reported(browser, support)
    child = await student(support, "Бекова", "Мөлдір")
    await name(browser, support, incident, child, "victim")
    async with as_person(support.saule) as work:
        await vault_ties.tie(work, UUID(child), support.bota.person_id, "mother")
    duties = {"investigators": [str(support.aigerim.membership_id)], "support": str(support.bota.membership_id)}
    refused = await act(browser, support.saule, support, incident, "screen", **duties)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.named_person")
    duties.pop("support")
    assert (await act(browser, support.saule, support, incident, "screen", **duties)).status_code == 303
