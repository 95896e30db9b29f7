"""Two people answer Form D at once: the one who comes second chooses field by field and no edit is lost."""

import asyncio
import re
from html import unescape
from typing import Any

from tests.support.http import Browser
from tests.support.incidents import act, reported, rows
from tests.support.pages import PageOf
from tests.support.people import Region

NO = {"harmed": "no", "harm_danger": "no"}


def inputs(page: str, name: str) -> list[tuple[str, bool]]:
    """Value and tick of every input of a field."""
    found = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    values = [re.search(r'value="([^"]*)"', one) for one in found]
    return [
        (unescape(value.group(1)) if value else "", "checked" in one) for value, one in zip(values, found, strict=True)
    ]


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def test_the_second_one_gets_both_answers_side_by_side_and_chooses(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, **NO)
    stale = (await view(browser, region.gulnar, incident))["version"]
    first = {"place": "canteen", "violence_types": ["physical"], "repetition": "repeated"}
    assert (await act(browser, region.saule, region, incident, "triage", **first)).status_code == 303
    gulnar = await browser(region.gulnar)
    typed = {
        "version": str(stale),
        "harm_danger": "yes",
        "place": "gym",
        "violence_types": "extortion",
        "happened_on": "2026-11-02",
        "repetition": "repeated",
    }
    lost = await gulnar.act(f"/incidents/{incident}/triage", typed, html=True)
    assert lost.status_code == 409
    page = lost.text
    assert inputs(page, "place") == [("gym", True), ("canteen", False)]
    assert inputs(page, "violence_types") == [("physical", True), ("extortion", True)]  # both stay unless unticked
    assert inputs(page, "harm_danger") == [("yes", True), ("", False)]
    assert inputs(page, "happened_on") == [("2026-11-02", False)]  # only one wrote it: sent again unasked
    assert inputs(page, "repetition") == [("repeated", False)]
    assert "Әріптесіңіз" in page or "әріптесіңіз" in page
    form = next(one for one in PageOf(page).forms if one.action.endswith("/triage"))
    now = (await view(browser, region.saule, incident))["version"]
    assert form.fields["version"] == str(now)
    chosen = {**form.fields, "place": "canteen", "violence_types": ["physical", "extortion"], "harm_danger": "yes"}
    done = await gulnar.act(f"/incidents/{incident}/triage", chosen, html=True)
    assert done.status_code == 303, done.text
    answers = (await view(browser, region.saule, incident))["answers"]
    assert (answers["place"], answers["violence_types"]) == ("canteen", ["physical", "extortion"])
    assert (answers["happened_on"], answers["harm_danger"]) == ("2026-11-02", True)
    audited = "select actor_id from audit_log where action = 'incident.triaged' and %s = any (record_ids) order by seq"
    assert rows(database, audited, incident) == [(region.saule.user_id,), (region.gulnar.user_id,)]


async def test_a_program_hears_that_it_lost_and_nothing_is_echoed(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, **NO)
    body = {"version": 1, "place": "gym"}
    saule, gulnar = await browser(region.saule), await browser(region.gulnar)
    answers = await asyncio.gather(
        *(one.act(f"/incidents/{incident}/triage", {**body, "injuries": "сырқат"}) for one in (saule, gulnar))
    )
    assert sorted(one.status_code for one in answers) == [303, 409]
    lost = next(one for one in answers if one.status_code == 409)
    assert lost.json()["code"] == "stale_version"
    assert "сырқат" not in lost.text


async def test_words_about_injuries_are_added_where_the_writer_may_not_read_the_others(
    browser: Browser, region: Region
) -> None:
    incident = await reported(browser, region, **NO)
    for person, words in ((region.saule, "бірінші"), (region.gulnar, "екінші")):
        body = {"harmed": True, "sent_to_medical": "no", "injuries": words, "injured_count": 1}
        assert (await act(browser, person, region, incident, "triage", **body)).status_code == 303
    assert "бірінші" not in str(await view(browser, region.gulnar, incident))
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    assert (await view(browser, region.aigerim, incident))["answers"]["injuries"] == "бірінші\n\nекінші"


async def test_a_step_that_closed_meanwhile_shows_the_incident_as_before(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, **NO)
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    late = await (await browser(region.gulnar)).act(
        f"/incidents/{incident}/triage", {"version": "1", "place": "gym"}, html=True
    )
    assert late.status_code == 409
    assert not inputs(late.text, "place")
