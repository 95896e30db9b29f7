"""X6: a criminal offence by a student: the prevention manager starts a session of the council on the same day (R-209).

And who owes what the same day is somebody who may read the incident, also when the first one may not any more (R-257).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.vault import ties as vault_ties
from tests.support.http import HTML, Browser
from tests.support.incidents import act, name, reported, rows, student, version
from tests.support.inside import as_person
from tests.support.meetings import gone
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain

CLOCK = "clk_council_criminal"
CALM = {"harmed": "no", "harm_danger": "no"}
OFFENCE = {"harmed": False, "harm_danger": False, "criminal_offence": True}
OWED = "select responsible from obligation where code = %s and subject_id = %s and cancelled_at is null"


@pytest.fixture(scope="module")
async def manager(region: Region) -> Person:
    return await hire("erlan", region.organisations["school12"], ("prevention_manager",))


def told(database: str, kind: str, incident: str) -> set[UUID]:
    query = "select membership_id from notification where kind = %s and subject_id = %s and withdrawn_at is null"
    return {one for (one,) in rows(database, query, kind, incident)}


async def seen(browser: Browser, who: Person, incident: str) -> Any:
    return (await (await browser(who)).get(f"/incidents/{incident}")).json()


async def offence(browser: Browser, region: Region, family: str) -> str:
    incident = await reported(browser, region, **CALM)
    await name(browser, region, incident, await student(region, family, "Алмас"), "alleged_offender")
    await name(browser, region, incident, await student(region, "Құрбанова", "Әсел"), "victim")
    assert (await act(browser, region.saule, region, incident, "triage", **OFFENCE)).status_code == 303
    await drain()
    return incident


async def test_x6_r_209_the_manager_is_told_at_once_and_owes_a_session_of_the_council_that_day(
    browser: Browser, region: Region, database: str, manager: Person
) -> None:
    plain = await reported(browser, region, **CALM)
    client = await browser(manager)
    assert (await client.get(f"/incidents/{plain}")).status_code == 404
    incident = await offence(browser, region, "Қылмысов")
    assert told(database, "council_today", incident) == {manager.membership_id}
    assert rows(database, OWED, CLOCK, incident) == [(manager.membership_id,)]
    view = await seen(browser, manager, incident)
    (due,) = [one["due_at"] for one in view["clocks"] if one["code"] == CLOCK]
    today = datetime.now(LOCAL_ZONE).date()
    assert datetime.fromisoformat(due).astimezone(LOCAL_ZONE).isoformat()[:16] == f"{today}T23:59"
    assert (view["may"], [one["name"] for one in view["steps"]]) == (["council", "prepare_help"], ["council"])
    assert view["reports"] == []
    assert {one.get("name", "")[:8] for one in view["people"]} == {""}
    names = (await client.act(f"/incidents/{incident}/names")).json()
    assert {one["involvement"]: one.get("name") for one in names["people"]} == {
        "alleged_offender": "Қылмысов Алмас",
        "victim": None,  # nor who reported: the council hears of behaviour (actors.md, note 6)
    }
    assert "Muratov" not in str(names)
    page = await client.get(f"/incidents/{incident}/steps/council", headers=HTML)
    assert page.status_code == 200
    body = {"version": view["version"], "planned_for": (today + timedelta(3)).isoformat()}
    assert (await (await browser(region.aigerim)).act(f"/incidents/{incident}/council", body)).status_code == 403
    late = await client.act(f"/incidents/{incident}/council", body | {"planned_for": "2020-01-01"})
    assert (late.status_code, late.json()["fields"][0]["code"]) == (422, "in_past")
    assert (await client.act(f"/incidents/{incident}/council", body)).status_code == 303
    view = await seen(browser, region.saule, incident)
    assert view["council_planned_for"] == body["planned_for"]
    assert {one["code"]: one["state"] for one in view["clocks"]}[CLOCK] == "met_in_time"
    audited = "select actor_id from audit_log where action = 'incident.council_called' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(manager.user_id,)]
    again = await client.act(f"/incidents/{incident}/council", body | {"version": view["version"]})
    assert (again.status_code, again.json()["code"]) == (409, "incident.no_council_owed")
    unticked = {"harmed": False, "harm_danger": False}
    assert (await act(browser, region.saule, region, incident, "triage", **unticked)).status_code == 303
    assert (await seen(browser, region.saule, incident))["answers"]["criminal_offence"] is True  # never taken back
    assert dead_or_failed(database) == []


async def test_x6_r_209_without_a_manager_who_may_know_of_it_the_director_starts_the_session(
    browser: Browser, region: Region, database: str, manager: Person
) -> None:
    incident, child = await reported(browser, region, **CALM), await student(region, "Туысов", "Ер")
    async with as_person(region.aigerim) as work:
        await vault_ties.tie(work, UUID(child), manager.person_id, "father")
    await name(browser, region, incident, child, "alleged_offender")
    await drain()
    assert (await act(browser, region.aigerim, region, incident, "worsen", criminal_offence=True)).status_code == 303
    await drain()
    assert (await (await browser(manager)).get(f"/incidents/{incident}")).status_code == 404
    heard = told(database, "council_today", incident)
    assert region.daulet.membership_id in heard
    assert manager.membership_id not in heard
    planned = {"planned_for": datetime.now(LOCAL_ZONE).date().isoformat()}
    assert (await act(browser, region.daulet, region, incident, "council", **planned)).status_code == 303


async def test_x6_r_064_a_manager_who_is_named_later_loses_it_and_somebody_else_owes_the_session(
    browser: Browser, region: Region, database: str, manager: Person
) -> None:
    incident = await offence(browser, region, "Кейінгіев")
    other = await hire("bota", region.organisations["school12"], ("prevention_manager",))
    owner = rows(database, OWED, CLOCK, incident)[0][0]
    first, second = (manager, other) if owner == manager.membership_id else (other, manager)
    assert (await name(browser, region, incident, str(first.person_id), "victim", "employee")).status_code == 303
    await drain()
    assert rows(database, OWED, CLOCK, incident) == [(second.membership_id,)]
    assert told(database, "council_today", incident) == {second.membership_id}
    assert (await (await browser(first)).get(f"/incidents/{incident}")).status_code == 404
    assert (await seen(browser, second, incident))["may"] == ["council", "prepare_help"]
    gone(database, other)


async def test_r_257_r_064_a_psychologist_who_is_named_after_the_sign_owes_nothing_and_another_talks_with_the_child(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, **CALM)
    first = await hire("erlan", region.organisations["school12"], ("psychologist",))
    sign = {"harmed": False, "harm_danger": True, "self_harm_sign": True}
    assert (await act(browser, region.saule, region, incident, "triage", **sign)).status_code == 303
    await drain()
    owner = rows(database, OWED, "clk_psych_contact", incident)[0][0]
    named = first if owner == first.membership_id else region.aigerim
    other = region.aigerim if named is first else first
    client = await browser(region.saule)
    body = {"person_id": str(named.person_id), "involvement": "alleged_offender", "kind": "employee"}
    assert (await client.act(f"/incidents/{incident}/people", body)).status_code == 303
    await drain()
    assert rows(database, OWED, "clk_psych_contact", incident) == [(other.membership_id,)]
    assert other.membership_id in told(database, "urgent_task", incident)
    assert named.membership_id not in told(database, "urgent_task", incident)
    body = {"version": await version(browser, region, incident)}
    assert (await (await browser(named)).act(f"/incidents/{incident}/contact", body)).status_code == 404
    assert (await (await browser(other)).act(f"/incidents/{incident}/contact", body)).status_code == 303
