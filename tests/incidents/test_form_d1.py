"""The team completes D-1 (Form D): urgency, medical help, dates, and who sees what of health."""

from typing import Any

import pytest

from tests.support.http import Browser
from tests.support.incidents import act, reported, rows
from tests.support.people import Region
from tests.support.queue import drain

DANGER = {"harm_danger": True}


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def screen(browser: Browser, region: Region, incident: str) -> Any:
    chosen = [str(region.aigerim.membership_id)]
    return await act(browser, region.saule, region, incident, "screen", investigators=chosen)


async def test_the_answers_are_kept_and_shown(browser: Browser, region: Region, database: str) -> None:
    incident = await reported(browser, region)
    answers = {
        "happened_on": "2026-11-19",
        "place": "canteen",
        "problem_behaviours": ["fighting", "bad_language"],
        "violence_types": ["physical"],
        "serious_signs": ["physical_injury"],
        "repetition": "repeated",
    }
    done = await act(browser, region.aigerim, region, incident, "triage", **DANGER, **answers)
    assert done.status_code == 303, done.text
    seen = (await view(browser, region.aigerim, incident))["answers"]
    assert {name: seen[name] for name in answers} == answers
    page = (await (await browser(region.aigerim)).page(f"/incidents/{incident}")).text
    assert "Төбелес / дене агрессиясы" in page
    audited = "select detail->>'urgency' from audit_log where action = 'incident.triaged' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [("urgent",)]


async def test_r_048_harm_without_a_word_on_medical_help_cannot_be_screened(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, harmed="yes")
    refused = await screen(browser, region, incident)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.medical_help_missing")
    answered = await act(browser, region.aigerim, region, incident, "triage", harmed=True, sent_to_medical="no")
    assert answered.status_code == 303
    assert (await screen(browser, region, incident)).status_code == 303


async def test_r_050_an_incident_is_not_later_than_its_report(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    refused = await act(browser, region.aigerim, region, incident, "triage", **DANGER, happened_on="2099-01-01")
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "happened_on")


async def test_r_257_a_sign_of_self_harm_is_urgent_tells_the_psychologist_and_stays(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    assert (await view(browser, region.aigerim, incident))["urgency"] == "standard"
    assert (await act(browser, region.saule, region, incident, "triage", self_harm_sign=True)).status_code == 303
    seen = await view(browser, region.saule, incident)
    assert seen["urgency"] == "urgent"
    asked = "select count(*) from outbox where actor = 'incidents.tell_counsellors' and args->>'incident' = %s"
    assert rows(database, asked, incident) == [(1,)]
    await drain()
    told = rows(
        database, "select membership_id from notification where subject_id = %s and kind = 'urgent_task'", incident
    )
    assert told == [(region.aigerim.membership_id,)]
    assert (await act(browser, region.saule, region, incident, "triage", **DANGER)).status_code == 303
    assert rows(database, "select self_harm_sign from incident where id = %s", incident) == [(True,)]


async def test_r_038_a_yes_of_the_reporter_is_an_answer_even_beside_a_dont_know(
    browser: Browser, region: Region
) -> None:
    incident = await reported(browser, region, harmed="yes", harm_danger="unknown")
    lowered = await act(browser, region.aigerim, region, incident, "triage")
    assert (lowered.status_code, lowered.json()["code"]) == (409, "incident.urgency_lowered")


async def test_details_of_health_are_absent_without_the_class(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    body = {"harmed": True, "sent_to_medical": "yes", "injured_count": 1, "injuries": "қолы сынды"}
    assert (await act(browser, region.saule, region, incident, "triage", **body)).status_code == 303
    before = await view(browser, region.aigerim, incident)
    assert "answers.injuries" in before["hidden"]
    assert not {"injuries", "injured_count", "self_harm_sign"} & set(before["answers"])
    assert before["answers"]["sent_to_medical"] is True
    assert (await screen(browser, region, incident)).status_code == 303
    investigator = await view(browser, region.aigerim, incident)
    assert (investigator["answers"]["injuries"], investigator["answers"]["injured_count"]) == ("қолы сынды", 1)
    assert "қолы сынды" not in str(await view(browser, region.saule, incident))


@pytest.mark.parametrize(("field", "value"), [("problem_behaviours", ["murder"]), ("place", "moon"), ("made_up", "x")])
async def test_what_the_form_does_not_have_is_refused(browser: Browser, region: Region, field: str, value: Any) -> None:
    incident = await reported(browser, region)
    refused = await act(browser, region.aigerim, region, incident, "triage", **DANGER, **{field: value})
    assert refused.status_code == 422
    page = await (await browser(region.aigerim)).act(
        f"/incidents/{incident}/triage",
        {"version": "1", "harm_danger": "yes", "place": "moon", "injuries": "кісі", "csrf_token": ""},
        html=True,
    )
    assert page.status_code == 422
    assert "кісі" in page.text
