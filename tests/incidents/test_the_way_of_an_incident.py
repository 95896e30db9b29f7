"""Process (a) over HTTP: report, screening, investigation, the team's decision, closing; each with its refusals."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from src.platform.vault import ties as vault_ties
from tests.support.http import Browser
from tests.support.incidents import DESCRIPTION, act, classified, name, reported, rows, student, version
from tests.support.inside import as_person
from tests.support.people import Region, hire
from tests.support.queue import dead_or_failed, drain, set_clock


async def test_r_259_a_description_alone_is_a_report_and_an_unanswered_question_means_danger(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region)
    aigerim = await browser(region.aigerim)
    seen = (await aigerim.get(f"/incidents/{incident}")).json()
    assert (seen["state"], seen["urgency"]) == ("reported", "urgent")
    assert seen["reports"][0]["description"] == DESCRIPTION
    assert [c["code"] for c in seen["clocks"]] == ["clk_screen_urgent"]
    outbox = rows(database, "select actor from outbox where args->>'incident' = %s", incident)
    assert outbox == [("incidents.tell_team",), ("incidents.tell_duty",)]


async def test_r_059_the_reporter_stands_nowhere_in_clear(browser: Browser, region: Region, database: str) -> None:
    incident = await reported(browser, region)
    found = rows(
        database,
        "select actor_id, actor_sealed is not null from audit_log "
        "where action = 'report.submitted' and %s = any (record_ids)",
        incident,
    )
    assert found == [(None, True)]
    dump = str(rows(database, "select t::text from report t")) + str(rows(database, "select t::text from outbox t"))
    assert str(region.marat.user_id) not in dump
    assert str(region.marat.person_id) not in dump


async def test_r_057_the_reporter_sees_the_state_and_nothing_else(browser: Browser, region: Region) -> None:
    await reported(browser, region)
    marat = await browser(region.marat)
    mine = (await marat.get("/my-reports")).json()
    assert set(mine["rows"][0]) == {"id", "received_at", "state", "was_read", "questions"}
    assert mine["rows"][0]["state"] == "received"
    assert DESCRIPTION not in (await marat.page("/my-reports")).text
    assert (await marat.get("/incidents")).status_code == 403


@pytest.mark.parametrize("path", ["/report", "/my-reports"])
async def test_r_260_emergency_numbers_stand_on_every_reporting_page(
    browser: Browser, region: Region, path: str
) -> None:
    page = (await (await browser(region.marat)).page(path)).text
    assert all(f"tel:{number}" in page for number in ("112", "102", "103", "111"))


async def test_a_refused_report_keeps_everything_typed(browser: Browser, region: Region) -> None:
    marat = await browser(region.marat)
    page = await marat.act("/report", {"description": "", "who": "екі оқушы", "csrf_token": marat.csrf}, html=True)
    assert page.status_code == 422
    assert "екі оқушы" in page.text
    long = await marat.act("/report", {"description": "я" * 100_000})
    assert (long.status_code, long.json()["fields"][0]["code"]) == (422, "too_long")
    strange = await marat.act("/report", {"description": "x", "state": "closed"})
    assert (strange.status_code, strange.json()["fields"][0]["code"]) == (422, "unknown_field")


async def test_r_038_urgency_is_never_lowered_once_it_was_answered(browser: Browser, region: Region) -> None:
    answered = await reported(browser, region, harmed="yes", harm_danger="no")
    refused = await act(browser, region.aigerim, region, answered, "triage", harmed=False, harm_danger=False)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.urgency_lowered")
    unanswered = await reported(browser, region)
    assert (
        await act(browser, region.aigerim, region, unanswered, "triage", harmed=False, harm_danger=False)
    ).status_code == 303
    seen = (await (await browser(region.aigerim)).get(f"/incidents/{unanswered}")).json()
    assert seen["urgency"] == "standard"
    assert {c["code"]: c["state"] for c in seen["clocks"]} == {
        "clk_screen_urgent": "cancelled",
        "clk_screen_standard": "open",
    }


async def test_s_12_a_foreign_incident_answers_like_a_random_one(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    bolat = await hire("erlan", region.organisations["school45"], ("psychologist", "team_member"))
    client = await browser(bolat)
    for path in ("", "/names"):
        answers = []
        for identifier in (incident, new_id()):
            target = f"/incidents/{identifier}{path}"
            answers.append(await (client.act(target) if path else client.get(target)))
        assert [a.status_code for a in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert (await client.get("/incidents")).json()["rows"] == []


async def test_r_064_a_named_colleague_loses_all_access_at_once(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    gulnar = await browser(region.gulnar)
    assert (await gulnar.get(f"/incidents/{incident}")).status_code == 200
    added = await name(browser, region, incident, str(region.gulnar.person_id), "alleged_offender", "employee")
    assert added.status_code == 303
    gone, random = await gulnar.get(f"/incidents/{incident}"), await gulnar.get(f"/incidents/{new_id()}")
    assert gone.status_code == random.status_code == 404
    assert gone.content == random.content
    assert incident not in {row["id"] for row in (await gulnar.get("/incidents")).json()["rows"]}
    assert incident not in {row["subject_id"] for row in (await gulnar.get("/")).json()["rows"]}
    await drain()
    assert (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).status_code == 200


async def test_r_065_the_director_who_is_named_loses_access_and_hears_nothing(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region)
    await name(browser, region, incident, str(region.daulet.person_id), "alleged_offender", "employee")
    daulet = await browser(region.daulet)
    assert (await daulet.get(f"/incidents/{incident}")).status_code == 404
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=2))
    await drain()
    told = rows(database, "select membership_id from notification where subject_id = %s", incident)
    set_clock(database, datetime.now(LOCAL_ZONE))
    assert (region.daulet.membership_id,) not in told
    assert (region.saule.membership_id,) in told
    assert dead_or_failed(database) == []


async def test_the_accused_childs_parent_on_the_staff_loses_access(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    child = await student(region, "Ганиев", "Тимур")
    async with as_person(region.saule) as work:
        await vault_ties.tie(work, UUID(child), region.gulnar.person_id, "mother")
    await name(browser, region, incident, child, "alleged_offender")
    assert (await (await browser(region.gulnar)).get(f"/incidents/{incident}")).status_code == 404


async def test_names_open_by_one_press_with_one_audit_row(browser: Browser, region: Region, database: str) -> None:
    incident = await reported(browser, region)
    victim = await student(region, "Сейітова", "Әсел")
    await name(browser, region, incident, victim, "victim")
    aigerim = await browser(region.aigerim)
    page = await aigerim.page(f"/incidents/{incident}")
    assert "Сейітова" not in page.text
    assert "Бала-" in page.text
    opened = (await aigerim.act(f"/incidents/{incident}/names")).json()
    assert opened["people"][0]["name"] == "Сейітова Әсел"
    found = rows(
        database, "select classes from audit_log where action = 'identity.read' and %s = any (record_ids)", incident
    )
    assert found == [(["identity-reporter", "identity-victim"],)]


async def test_r_068_the_same_child_has_two_codes_in_two_incidents_on_every_page_of_them(
    browser: Browser, region: Region
) -> None:
    child, codes, shown = await student(region, "Оспанов", "Дамир"), [], []
    aigerim = await browser(region.aigerim)
    for _ in range(2):
        incident = await reported(browser, region)
        await name(browser, region, incident, child, "victim")
        await name(browser, region, incident, await student(region, "Басқаев", "Ер"), "alleged_offender")
        people = (await aigerim.get(f"/incidents/{incident}")).json()["people"]
        codes.append({one["involvement"]: one["code"] for one in people})
        pages = ("", "/parents", "/tell-parents", "/chronology", "/steps/people")
        texts = [(await aigerim.get(f"/incidents/{incident}{page}")).text for page in pages]
        shown.append("".join(texts) + (await aigerim.page(f"/incidents/{incident}")).text)
    everybody = [code for one in codes for code in one.values()]
    assert len(set(everybody)) == len(everybody) == 4
    for own, other, text in ((codes[0], codes[1], shown[0]), (codes[1], codes[0], shown[1])):
        assert all(code in text for code in own.values())
        assert not any(code in text for code in other.values())


async def test_r_078_a_named_person_or_the_reporter_is_never_the_investigator(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    await name(browser, region, incident, str(region.gulnar.person_id), "witness", "employee")
    refused = await act(
        browser, region.saule, region, incident, "screen", investigators=[str(region.gulnar.membership_id)]
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.named_person")
    outsider = await act(
        browser, region.saule, region, incident, "screen", investigators=[str(region.marat.membership_id)]
    )
    assert (outsider.status_code, outsider.json()["fields"][0]["code"]) == (422, "not_in_team")


async def test_r_035_no_step_can_be_skipped(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    for verb in ("start", "close"):
        refused = await act(browser, region.saule, region, incident, verb)
        assert (refused.status_code, refused.json()["code"]) == (409, "incident.wrong_state")
    refused = await act(browser, region.saule, region, incident, "finish", findings="x")
    assert refused.status_code == 409


async def test_the_whole_way(browser: Browser, region: Region, database: str) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    victim, offender = await student(region, "Әлиева", "Мадина"), await student(region, "Нұрланов", "Ержан")
    await name(browser, region, incident, victim, "victim")
    await name(browser, region, incident, offender, "alleged_offender")
    twice = await name(browser, region, incident, offender, "witness")
    assert (twice.status_code, twice.json()["code"]) == (409, "incident.already_named")
    screened = await act(
        browser,
        region.saule,
        region,
        incident,
        "screen",
        investigators=[str(region.aigerim.membership_id)],
        support=str(region.gulnar.membership_id),
    )
    assert screened.status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303

    missing = await act(browser, region.aigerim, region, incident, "finish", findings="ұрды")
    assert (missing.status_code, missing.json()["code"]) == (409, "incident.interviews_missing")
    aigerim = await browser(region.aigerim)
    view = (await aigerim.get(f"/incidents/{incident}")).json()
    assert len(view["to_hear"]) == 3
    untimed = await aigerim.act(
        f"/incidents/{incident}/hear", {view["to_hear"][0]["field"]: view["to_hear"][0]["id"], "notes": "x"}
    )
    assert (untimed.status_code, untimed.json()["fields"][0]["field"]) == (422, "held_at")
    for person in view["to_hear"]:
        talk = {person["field"]: person["id"], "held_at": "2026-11-20T10:00", "notes": "ауызша айтты"}
        assert (await aigerim.act(f"/incidents/{incident}/hear", talk)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "finish", findings="ұрды")).status_code == 303

    people = {p["involvement"]: p["id"] for p in (await aigerim.get(f"/incidents/{incident}")).json()["people"]}
    decision = {"held_at": "2026-11-20T16:00", "outcome": "confirmed_violence", "safety_measures": "бөлек отырғызу"}
    levels = {f"level-{people['victim']}": "not_at_risk", f"level-{people['alleged_offender']}": "at_risk"}
    team = [str(p.membership_id) for p in (region.saule, region.aigerim, region.gulnar)]
    few = await act(browser, region.saule, region, incident, "classify", attended=team[:1], **decision, **levels)
    assert (few.status_code, few.json()["code"]) == (409, "incident.not_full_team")
    unlevelled = await act(browser, region.saule, region, incident, "classify", attended=team, **decision)
    assert unlevelled.status_code == 422
    assert {f["field"] for f in unlevelled.json()["fields"]} == set(levels)
    wrong = await act(
        browser,
        region.saule,
        region,
        incident,
        "classify",
        attended=team,
        **decision,
        **dict.fromkeys(levels, "medium"),
    )
    assert wrong.status_code == 422
    assert (
        await act(browser, region.saule, region, incident, "classify", attended=team, **decision, **levels)
    ).status_code == 303

    by_member = await act(browser, region.aigerim, region, incident, "close")
    assert by_member.status_code == 403
    assert (await act(browser, region.saule, region, incident, "close")).status_code == 303
    actions = [
        r[0]
        for r in rows(
            database,
            "select action from audit_log where %s = any (record_ids) "
            "and action not like '%%read' and action <> 'incident.listed' order by seq",
            incident,
        )
    ]
    assert actions == [
        "report.submitted",
        "incident.person_named",
        "incident.person_named",
        "incident.screened",
        "incident.investigation_started",
        "incident.heard",
        "incident.heard",
        "incident.heard",
        "incident.changed",
        "incident.investigated",
        "incident.changed",
        "incident.classified",
        "incident.closed",
    ]
    mode = rows(database, "select mode from team_meeting where incident_id = %s", incident)
    assert mode == [("consensus",)]
    await drain()
    marat = await browser(region.marat)
    assert (await marat.get("/my-reports")).json()["rows"][0]["state"] == "action_taken"
    assert "report_moved" in {row["kind"] for row in (await marat.get("/messages")).json()["rows"]}


async def test_two_people_at_once_one_wins(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    seen = await version(browser, region, incident)
    body = {"version": seen, "investigators": [str(region.aigerim.membership_id)]}
    saule, aigerim = await browser(region.saule), await browser(region.aigerim)
    assert (await saule.act(f"/incidents/{incident}/triage", {"version": seen, "harm_danger": True})).status_code == 303
    late = await aigerim.act(f"/incidents/{incident}/screen", body)
    assert (late.status_code, late.json()["code"]) == (409, "stale_version")


async def test_r_036_an_urgent_report_that_nobody_screens_turns_red(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region)
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=1))
    await drain()
    seen = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    told = {
        r[0]
        for r in rows(
            database,
            "select membership_id from notification where subject_id = %s and kind = 'clock_overdue.clk_screen_urgent'",
            incident,
        )
    }
    set_clock(database, datetime.now(LOCAL_ZONE))
    assert seen["clocks"][0]["state"] == "overdue"
    assert told == {region.saule.membership_id, region.daulet.membership_id}


async def test_r_007_a_decision_is_by_consensus_unless_the_team_says_that_it_voted(
    browser: Browser, region: Region
) -> None:
    saule = await browser(region.saule)
    for chosen, mode, words in (({}, "consensus", "Келісіммен"), ({"mode": "vote"}, "vote", "Дауыс берумен")):
        incident = await classified(browser, region, {"victim": "not_at_risk"}, **chosen)
        decision = (await saule.get(f"/incidents/{incident}")).json()["decision"]
        assert (decision["mode"], len(decision["attended"])) == (mode, 3)
        assert words in (await saule.page(f"/incidents/{incident}")).text
