"""X1, attacked: a director who also leads the team, and an incident that names them and lives its whole life."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support import files
from tests.support.eyes import alike, differing, plain, seen_by
from tests.support.http import HTML, Browser
from tests.support.incidents import act, name, reported, rows, student, version
from tests.support.meetings import HELD, LATER, finished
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain

CALM = {"harmed": "no", "harm_danger": "no"}


@pytest.fixture(scope="module")
async def head(region: Region) -> Person:
    """Heads the school and leads the team: of all its people the one who sees most."""
    return await hire("erlan", region.organisations["school12"], ("school_director", "team_coordinator"))


async def lived(browser: Browser, region: Region, incident: str, head: Person) -> None:
    """Everything that can happen to an incident, done by others."""
    child = await student(region, "Зардапбеков", "Нұрым")
    assert (await name(browser, region, incident, child, "victim")).status_code == 303
    answers = {"harm_danger": True, "serious_signs": ["corporal_harm"], "residential_child": True}
    for verb, who, body in (
        ("triage", region.aigerim, answers | {"self_harm_sign": True}),
        ("forward", region.saule, {"targets": ["police", "commission"]}),
        ("screen", region.saule, {"investigators": [str(region.aigerim.membership_id)]}),
        ("start", region.aigerim, {}),
    ):
        done = await act(browser, who, region, incident, verb, **body)
        assert done.status_code == 303, (verb, done.text)
    aigerim = await browser(region.aigerim)
    report = (await aigerim.get(f"/incidents/{incident}")).json()["reports"][0]["id"]
    assert (await files.sent(aigerim, incident, files.photo(), about=f"report:{report}")).status_code == 303
    await finished(browser, region, incident)
    assert (await aigerim.act("/meetings", {"planned_for": LATER, "incident_ids": [incident]})).status_code == 303
    people = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
    levels = {f"level-{one['id']}": "at_risk" for one in people if one["kind"] == "student"}
    present = [str(one.membership_id) for one in (region.saule, region.aigerim, region.gulnar)]
    more: dict[str, Any] = {"attended": present, "outcome": "confirmed_violence", "held_at": HELD}
    done = await act(browser, region.saule, region, incident, "classify", safety_measures="x", **more, **levels)
    assert done.status_code == 303, done.text
    await drain()


@pytest.mark.crawl
async def test_x1_r_065_no_page_list_tile_search_or_verb_tells_an_implicated_head_that_something_runs(
    browser: Browser, region: Region, database: str, head: Person
) -> None:
    other = await reported(browser, region, **CALM)  # something that they may see
    await drain()
    never, client = uuid4(), await browser(head)
    await seen_by(browser, head, never, pages=False)
    await drain()  # what their own first sign-in sends them
    before = await seen_by(browser, head, never)
    aigerim = await browser(region.aigerim)
    hidden = await reported(browser, region, description="Бастықмаркер: директор итерді", **CALM)
    named = await name(browser, region, hidden, str(head.person_id), "alleged_offender", "employee")
    assert named.status_code == 303
    await drain()
    await lived(browser, region, hidden, head)
    after = await seen_by(browser, head, hidden)
    assert differing(before, after) == set()
    number = (await aigerim.get(f"/incidents/{hidden}")).json()["number"]
    everything = "".join(text for _, text in after.values())
    assert [one for one in (hidden, number, "Бастықмаркер", "Зардапбеков") if one in everything] == []
    taken = {one["number"] for one in (await aigerim.get("/incidents")).json()["rows"]}
    free = next(str(one) for one in range(100000, 999999) if str(one) not in taken)
    for path in ("/incidents?code={id}", "/incidents?sort=next_term&code={id}"):
        assert await alike(client, path, number, free), path
    for verb, body in (("link", {"into": "{}"}),):
        at = f"/incidents/{other}/{verb}"
        known = {"version": await version(browser, region, other)}
        answers = [
            plain(await client.act(at, known | {key: text.format(one) for key, text in body.items()}), one)
            for one in (number, free)
        ]
        assert answers[0] == answers[1]
        assert answers[0][0] == 422
    planned = [
        plain(await client.act("/meetings", {"planned_for": LATER, "incident_ids": [one]}), one)
        for one in (hidden, str(never))
    ]
    assert planned[0] == planned[1]
    assert planned[0][0] in (404, 422)
    assert dead_or_failed(database) == []


async def test_x1_r_064_what_they_had_of_it_before_they_were_named_is_gone_in_every_place(
    browser: Browser, region: Region, database: str, head: Person
) -> None:
    """A member of the team with a duty, a planned meeting, a kept filter, a draft and a file of the incident."""
    erlan = await hire("erlan", region.organisations["school12"], ("team_member",))
    incident, client = await reported(browser, region, **CALM), await browser(erlan)
    await drain()
    chosen = [str(erlan.membership_id)]
    assert (await act(browser, region.saule, region, incident, "screen", investigators=chosen)).status_code == 303
    view = (await client.get(f"/incidents/{incident}")).json()
    report = view["reports"][0]["id"]
    assert (await files.sent(client, incident, files.photo(), about=f"report:{report}")).status_code == 303
    (file,) = (await client.get(f"/incidents/{incident}")).json()["files"]
    kept = {"name": "Менікі", "query": f"code={view['number']}"}
    assert (await client.act("/incidents/filters", kept)).status_code == 303
    version_now = (await client.get(f"/incidents/{incident}")).json()["version"]
    assert (await client.act(f"/incidents/{incident}/start", {"version": version_now})).status_code == 303
    form = {"version": version_now + 1, "findings": ""}
    again = await client.act(f"/incidents/{incident}/finish", form)
    assert again.status_code == 422
    await drain()
    named = await name(browser, region, incident, str(erlan.person_id), "alleged_offender", "employee")
    assert named.status_code == 303
    await drain()
    never = uuid4()
    for path in (
        "/incidents/{id}",
        "/incidents/{id}/steps/finish",
        "/incidents/{id}/chronology",
        "/incidents/{id}/parents",
        "/incidents/{id}/tell-parents",
        f"/incidents/{{id}}/files/{file['id']}",
        "/access/who?record=/incidents/{id}",
    ):
        assert await alike(client, path, incident, never), path
    filtered = await client.get(f"/incidents?code={view['number']}")
    assert filtered.json()["rows"] == []
    for path in ("/", "/messages", "/incidents", "/meetings", "/cases", "/my-reports"):
        page = await client.get(path, headers=HTML)
        assert incident not in page.text, path
    owed = rows(
        database,
        "select code from obligation where responsible = %s and met_at is null and cancelled_at is null",
        erlan.membership_id,
    )
    assert owed == []
    told = "select membership_id from notification where kind = 'investigator_conflicted' and subject_id = %s"
    assert region.saule.membership_id in {one for (one,) in rows(database, told, incident)}  # X3: another one is named
