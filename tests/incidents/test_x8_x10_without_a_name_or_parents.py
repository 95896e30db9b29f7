"""X8: a report without a name goes the same way. X10: a parent who did it, parents who refuse: help goes on (R-262)."""

from typing import Any
from uuid import uuid4

from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from tests.support import doors
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import as_person
from tests.support.meetings import HELD, finished
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain

TOLD = "Атыжоқмаркер: дәлізде итереді"


async def decided(browser: Browser, region: Region, database: str, incident: str) -> None:
    """The team decides, and the incident is closed."""
    saule = await browser(region.saule)
    people = (await saule.get(f"/incidents/{incident}")).json()["people"]
    levels = {f"level-{one['id']}": "at_risk" for one in people if one["kind"] == "student"}
    team = [str(one.membership_id) for one in (region.saule, region.aigerim, region.gulnar)]
    more: dict[str, Any] = {"attended": team, "outcome": "confirmed_violence", "held_at": HELD}
    done = await act(browser, region.saule, region, incident, "classify", safety_measures="x", **more, **levels)
    assert done.status_code == 303, done.text
    await drain()
    for (case,) in rows(database, "select id from child_case where incident_id = %s", incident):
        given = {"version": 1, "manager": str(region.aigerim.membership_id)}
        assert (await saule.act(f"/cases/{case}/manager", given)).status_code == 303
    closed = await act(browser, region.saule, region, incident, "close")
    assert closed.status_code == 303, closed.text
    await drain()


async def test_x8_r_033_a_report_without_a_name_runs_the_same_clocks_and_goes_the_whole_way(
    browser: Browser, region: Region, database: str
) -> None:
    await doors.opened(browser, region)
    aigerim, child = await browser(region.aigerim), browser.visitor()
    known = {row["id"] for row in (await aigerim.get("/incidents")).json()["rows"]}
    code = await doors.told(child, TOLD)
    await drain()
    (incident,) = {row["id"] for row in (await aigerim.get("/incidents")).json()["rows"]} - known
    view = (await aigerim.get(f"/incidents/{incident}")).json()
    assert {one["code"] for one in view["clocks"]} == {"clk_screen_urgent"}  # unanswered counts as danger
    (report,) = view["reports"]
    assert report["description"] == TOLD
    names = (await aigerim.act(f"/incidents/{incident}/names")).json()["reports"][0]
    assert (report.get("reporter"), names.get("reporter_name"), names.get("told_by")) == (None, None, None)
    assert rows(database, "select reporter_sealed, reporter_blind from report where id = %s", report["id"]) == [
        (None, None)
    ]
    assert rows(
        database,
        "select actor_id, actor_sealed from audit_log where action = 'report.submitted' and %s = any (record_ids)",
        incident,
    ) == [(None, None)]
    victim = await student(region, "Атысызов", "Бала")
    assert (await name(browser, region, incident, victim, "victim")).status_code == 303
    chosen = {"investigators": [str(region.aigerim.membership_id)]}
    assert (await act(browser, region.saule, region, incident, "screen", **chosen)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303
    waiting = (await aigerim.get(f"/incidents/{incident}")).json()["to_hear"]
    assert [one["field"] for one in waiting] == ["participation_id"]  # nobody is looked for
    early = await act(browser, region.aigerim, region, incident, "finish", findings="x")
    assert (early.status_code, early.json()["code"]) == (409, "incident.interviews_missing")
    talk = {"participation_id": waiting[0]["id"], "held_at": HELD, "notes": "айтты"}
    assert (await aigerim.act(f"/incidents/{incident}/hear", talk)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "finish", findings="x")).status_code == 303
    await decided(browser, region, database, incident)
    seen = (await doors.receipt(child, code)).json()
    assert seen["progress"]["state"] == "action_taken"
    assert not any(word in str(seen) for word in (view["number"], incident, "Атысызов"))
    assert dead_or_failed(database) == []


async def test_x10_r_261_r_262_a_mother_who_did_it_learns_nothing_and_nothing_waits_for_the_parents(
    browser: Browser, region: Region, database: str
) -> None:
    async with as_person(region.aigerim) as work:
        father = await vault.add_person(work, "guardian", Identity(family_name="Қарсыев", given_name="Бас"))
        await vault_ties.tie(work, region.alua.person_id, father, "father")
    signs = {"serious_signs": ["physical_danger"], "harm_danger": True, "place": "home"}
    kamila = await browser(region.kamila)
    before = {path: (await kamila.get(path)).json() for path in ("/start", "/my-children", "/messages")}
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    assert (await name(browser, region, incident, str(region.alua.person_id), "victim")).status_code == 303
    mother = str(region.kamila.person_id)
    assert (await name(browser, region, incident, mother, "alleged_offender", "other_adult")).status_code == 303
    chosen = {"investigators": [str(region.aigerim.membership_id)]}
    for verb, who, body in (
        ("triage", region.saule, signs),
        ("screen", region.saule, chosen),
        ("start", region.aigerim, {}),
    ):
        assert (await act(browser, who, region, incident, verb, **body)).status_code == 303, verb
    await finished(browser, region, incident)
    aigerim = await browser(region.aigerim)
    page = (await aigerim.get(f"/incidents/{incident}/parents")).json()
    (child,) = [one for one in page["children"] if one["involvement"] == "victim"]
    assert child["parent_is_accused"] is True
    to_parents = {"participation_id": child["participation_id"], "informed": "parents"}
    assert (await aigerim.act(f"/incidents/{incident}/parents", to_parents)).status_code == 422
    refused = {"participation_id": child["participation_id"], "reason": "Әкесі келуден бас тартты"}
    assert (await aigerim.act(f"/incidents/{incident}/parents", refused)).status_code == 303
    told = {"participation_id": child["participation_id"], "version": 0}
    assert (await aigerim.act(f"/incidents/{incident}/tell-parents", told)).status_code == 303
    forwarded = await act(browser, region.saule, region, incident, "forward", targets=["police", "commission"])
    assert forwarded.status_code == 303
    await decided(browser, region, database, incident)
    assert rows(database, "select state from incident where id = %s", incident) == [("closed",)]
    assert rows(database, "select count(*) from child_case where incident_id = %s", incident) == [(1,)]
    monitored = "select count(*) from notification where kind = 'victim_monitored' and subject_id::text is not null"
    assert rows(database, monitored)[0][0] >= 1
    after = {path: (await kamila.get(path)).json() for path in before}
    assert after == before
    gone, never = [await kamila.get(f"/my-children/{one}") for one in (incident, uuid4())]
    assert (gone.status_code, gone.content) == (404, never.content)
    sealed = rows(database, "select parents_not_informed from participation where id = %s", child["participation_id"])
    assert "бас тартты".encode() not in bytes(sealed[0][0])
