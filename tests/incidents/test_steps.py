"""Every step of the team has a page of its own; what was typed there survives a complaint."""

import re

from tests.support.http import Browser
from tests.support.incidents import act, name, reported, student, version
from tests.support.people import Region


def ticked(page: str, field: str) -> list[str]:
    """The values of the checked boxes of a field."""
    boxes = re.findall(rf'<input[^>]*name="{field}"[^>]*>', page)
    return [found.group(1) for box in boxes if "checked" in box and (found := re.search(r'value="([^"]*)"', box))]


async def test_a_step_is_open_to_those_who_may_take_it_now(region: Region, browser: Browser) -> None:
    incident = await reported(browser, region)
    saule, daulet, marat = [await browser(p) for p in (region.saule, region.daulet, region.marat)]
    assert [step["name"] for step in (await saule.get(f"/incidents/{incident}")).json()["steps"]] == [
        "triage",
        "people",
        "screen",
        "mark",
        "link",
    ]
    for step in ("triage", "people", "screen", "mark", "link"):
        page = await saule.page(f"/incidents/{incident}/steps/{step}")
        assert page.status_code == 200
        assert page.text.count("<h1") == 1
    for closed in ("hear", "finish", "classify", "close", "start", "nonsense", "../incident"):
        assert (await saule.page(f"/incidents/{incident}/steps/{closed}")).status_code == 404
    assert (await daulet.page(f"/incidents/{incident}/steps/screen")).status_code == 404
    assert (await marat.page(f"/incidents/{incident}/steps/screen")).status_code in (403, 404)


async def test_what_was_chosen_survives_a_complaint(region: Region, browser: Browser) -> None:
    incident = await reported(browser, region)
    saule = await browser(region.saule)
    chosen, unknown = str(region.aigerim.membership_id), str(region.marat.membership_id)
    body = {"version": await version(browser, region, incident), "investigators": [chosen, unknown]}
    answer = await saule.act(f"/incidents/{incident}/screen", body, html=True)
    assert answer.status_code == 422
    assert ticked(answer.text, "investigators") == [chosen]
    body = {"version": body["version"], "harmed": "yes", "injured_count": "many", "violence_types": "physical"}
    answer = await saule.act(f"/incidents/{incident}/triage", body, html=True)
    assert answer.status_code == 422
    assert (ticked(answer.text, "harmed"), ticked(answer.text, "harm_danger")) == (["yes"], [])
    assert ticked(answer.text, "violence_types") == ["physical"]
    assert 'value="many"' in answer.text


async def test_r_044_the_decision_keeps_what_was_chosen_when_a_level_is_missing(
    region: Region, browser: Browser
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    aigerim, saule = await browser(region.aigerim), await browser(region.saule)
    await name(browser, region, incident, await student(region, "Қадамов", "Сынақ"), "victim")
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, incident, "start")
    for person in (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]:
        body = {person["field"]: person["id"], "waiver": "not_reachable"}
        assert (await aigerim.act(f"/incidents/{incident}/hear", body)).headers["location"].endswith("/steps/hear")
    await act(browser, region.aigerim, region, incident, "finish", findings="болды")
    present = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    answer = await saule.act(
        f"/incidents/{incident}/classify",
        {
            "version": await version(browser, region, incident),
            "attended": present,
            "outcome": "not_confirmed",
            "held_at": "2026-11-20T16:00",
            "safety_measures": "Бөлек отырғызу",
            "mode": "vote",
        },
        html=True,
    )
    assert answer.status_code == 422
    assert sorted(ticked(answer.text, "attended")) == sorted(present)
    assert ticked(answer.text, "mode") == ["vote"]
    assert re.search(r'value="not_confirmed" selected', answer.text)
    assert "Бөлек отырғызу" in answer.text
    assert "2026-11-20T16:00" in answer.text


async def test_an_open_step_that_closed_meanwhile_shows_the_incident_with_the_reason(
    region: Region, browser: Browser
) -> None:
    incident = await reported(browser, region)
    saule = await browser(region.saule)
    stale = await version(browser, region, incident)
    await act(browser, region.saule, region, incident, "triage", harmed="no")
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    body = {"version": stale, "investigators": [str(region.gulnar.membership_id)]}
    answer = await saule.act(f"/incidents/{incident}/screen", body, html=True)
    assert answer.status_code == 409
    assert "govuk-error-summary" in answer.text
    assert "/steps/screen" not in answer.text
