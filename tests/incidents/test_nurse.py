"""The school nurse (actors.md 3.8): the injury fields of D, of incidents for which the team asked, and nothing else."""

from typing import Any

import pytest

from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Person, Region, hire
from tests.support.queue import drain

INJURED, HURT_TOO = "Жаралыбаева", "Кінәлібаев"
TOLD, HEARD, FOUND = "Айтылғанмаркер", "Тыңдалғанмаркер", "Табылғанмаркер"


@pytest.fixture(scope="module")
async def nurse(region: Region) -> Person:
    return await hire("bota", region.organisations["school12"], ("school_nurse",))


@pytest.fixture(scope="module")
async def incident(browser: Browser, region: Region, nurse: Person) -> str:
    """Investigated; a victim and an accused one are hurt, and the nurse is asked for both."""
    found = await reported(browser, region, description=f"{TOLD}: {INJURED} мен {HURT_TOO}", who="Кіммаркер")
    for family, involvement in ((INJURED, "victim"), (HURT_TOO, "alleged_offender"), ("Куәгеров", "witness")):
        assert (
            await name(browser, region, found, await student(region, family, "Бала"), involvement)
        ).status_code == 303
    assert (await asked(browser, region, found, nurse, "victim", "alleged_offender")).status_code == 303
    injuries = {"harmed": True, "sent_to_medical": "no", "injuries": f"Жаратмаркер, {HURT_TOO} да"}
    more = {"problem_behaviours": ["fighting"], "violence_types": ["physical"], "place": "canteen"}
    assert (await act(browser, region.aigerim, region, found, "triage", **injuries, **more)).status_code == 303
    await act(browser, region.saule, region, found, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, found, "start")
    aigerim = await browser(region.aigerim)
    for person in (await aigerim.get(f"/incidents/{found}")).json()["to_hear"]:
        talk = {person["field"]: person["id"], "held_at": "2026-11-20T10:00", "notes": HEARD}
        assert (await aigerim.act(f"/incidents/{found}/hear", talk)).status_code == 303
    assert (await act(browser, region.aigerim, region, found, "finish", findings=FOUND)).status_code == 303
    return found


async def asked(browser: Browser, region: Region, incident: str, nurse: Person, *hurt: str) -> Any:
    people = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()["people"]
    injured = [one["id"] for one in people if one["involvement"] in hurt]
    body = {"nurse": str(nurse.membership_id), "injured": injured}
    return await act(browser, region.aigerim, region, incident, "nurse", **body)


async def care(browser: Browser, nurse: Person, incident: str) -> Any:
    answer = await (await browser(nurse)).get(f"/care/{incident}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_actors_3_8_the_nurse_sees_injuries_and_never_who_told_who_offended_or_behaviour(
    browser: Browser, region: Region, nurse: Person, incident: str, database: str
) -> None:
    client = await browser(nurse)
    team = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    seen = await care(browser, nurse, incident)
    assert [set(one) for one in seen["injured"]] == [{"id", "number"}, {"id", "number"}]
    assert (seen["injuries"], seen["texts_wait"]) == (None, True)
    assert (
        await act(
            browser, region.aigerim, region, incident, "mark", surface=HURT_TOO, stands_for=seen["injured"][1]["id"]
        )
    ).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "read")).status_code == 303
    assert (await care(browser, nurse, incident))["injuries"] == "Жаратмаркер, ••• да"
    named = await client.act(f"/care/{incident}/names")
    assert {one["name"] for one in named.json()["injured"]} == {f"{INJURED} Бала", f"{HURT_TOO} Бала"}
    pages = [await client.page(at) for at in ("/care", f"/care/{incident}", f"/care/{incident}/note")]
    everything = named.text + (await client.get(f"/care/{incident}")).text + "".join(page.text for page in pages)
    assert all(page.status_code == 200 for page in pages)
    codes = [one["code"] for one in team["people"]] + [one["reporter"] for one in team["reports"]]
    hidden = (TOLD, HEARD, FOUND, "Кіммаркер", "Куәгеров", "Muratov", "canteen", "fighting", "physical", *codes)
    assert [word for word in hidden if word in everything] == []
    assert not {"involvement", "people", "reports", "answers", "team"} & set(seen)
    read = "select classes from audit_log where action = %s and actor_id = %s and %s = any (record_ids)"
    assert rows(database, read, "identity.read", nurse.user_id, incident) == [(["identity-victim"],)]
    assert ["case-sensitive", "health"] in [
        one for (one,) in rows(database, read, "incident.care_read", nurse.user_id, incident)
    ]


async def test_the_incident_itself_stays_closed_to_the_nurse_and_her_page_to_everybody_else(
    browser: Browser, region: Region, nurse: Person, incident: str
) -> None:
    client = await browser(nurse)
    for at in ("", "/chronology", "/parents", "/steps/triage", "/files", "/injuries"):
        assert (await client.get(f"/incidents/{incident}{at}")).status_code in (403, 404), at
    assert (await client.act(f"/incidents/{incident}/form-d", {"language": "kk"})).status_code in (403, 404)
    assert (await client.get("/incidents")).status_code in (200, 403)
    for person in (region.aigerim, region.saule, region.daulet, region.marat, region.alua, region.erlan):
        assert (await (await browser(person)).get(f"/care/{incident}")).status_code == 403, person.name
    other = await reported(browser, region)
    hidden = await client.get(f"/care/{other}")
    assert (hidden.status_code, hidden.content) == (404, (await client.get(f"/care/{nurse.person_id}")).content)


async def test_who_can_see_the_incident_names_the_nurse_and_what_opens_to_her(
    browser: Browser, region: Region, nurse: Person, incident: str
) -> None:
    shown = (await (await browser(region.aigerim)).get(f"/access/who/incidents/{incident}")).json()["readers"]
    found = [one for one in shown if "is:nurse" in one["grounds"]]
    assert [one["classes"] for one in found] == [["case-sensitive", "health", "identity-victim"]]
    assert (await (await browser(nurse)).get(f"/access/who/incidents/{incident}")).status_code in (403, 404)
    await care(browser, nurse, incident)
    log = (await (await browser(region.aigerim)).page(f"/access/log/incidents/{incident}")).text
    assert "жарақаттарын ашты" in log


async def test_r_048_the_nurse_notes_injuries_and_where_she_sent_somebody(
    browser: Browser, region: Region, nurse: Person, incident: str, database: str
) -> None:
    client, seen = await browser(nurse), await care(browser, nurse, incident)
    at = f"/care/{incident}/note"
    child = seen["injured"][0]["id"]
    body = {"version": seen["version"], "participation_id": child, "regions": ["hand_left"], "note": "Қолымаркер"}
    assert (await client.act(at, {"version": seen["version"]})).status_code == 422
    witness = next(
        one["id"]
        for one in (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()["people"]
        if one["involvement"] == "witness"
    )
    assert (await client.act(at, {**body, "participation_id": witness})).status_code == 404
    done = await client.act(at, {**body, "sent_to_medical": "yes", "medical_where": "Қалалықмаркер"})
    assert (done.status_code, done.headers.get("location")) == (303, f"/care/{incident}"), done.text
    stale = await client.act(at, {**body, "note": "Кешмаркер", "version": str(seen["version"])}, html=True)
    assert (stale.status_code, "Кешмаркер" in stale.text) == (409, True)
    told = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    assert (told["answers"]["sent_to_medical"], told["answers"]["medical_where"]) == (True, "Қалалықмаркер")
    assert [(one["regions"], one["note"]) for one in told["injuries"]] == [(["hand_left"], "Қолымаркер")]
    audited = "select actor_id from audit_log where action = 'incident.cared' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(nurse.user_id,)]
    for person in (region.aigerim, region.marat):
        assert (await (await browser(person)).act(at, body)).status_code == 403


async def test_only_the_team_asks_and_only_a_nurse_who_stands_in_no_conflict(
    browser: Browser, region: Region, nurse: Person, database: str
) -> None:
    incident = await reported(browser, region)
    assert (await asked(browser, region, incident, region.bota)).status_code == 422
    for person, status in ((region.daulet, 403), (region.marat, 403), (region.erlan, 403)):
        body = {"version": 1, "nurse": str(nurse.membership_id)}
        assert (await (await browser(person)).act(f"/incidents/{incident}/nurse", body)).status_code == status
    assert (await asked(browser, region, incident, nurse)).status_code == 303
    told = "select kind, read_at from notification where membership_id = %s and subject_id = %s"
    assert rows(database, told, nurse.membership_id, incident) == [("care_asked", None)]
    assert "/care/" in (await (await browser(nurse)).get("/messages")).text
    assert (await care(browser, nurse, incident))["injured"] == []
    await name(browser, region, incident, str(nurse.person_id), "alleged_offender", "employee")
    assert (await (await browser(nurse)).get(f"/care/{incident}")).status_code == 404  # a conflict outweighs the duty
    await drain()
    assert incident not in (await (await browser(nurse)).get("/messages")).text
    assert (await asked(browser, region, incident, nurse)).status_code == 409
