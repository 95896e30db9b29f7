"""Reopening, reconciliation, repeats: what may happen to an incident beside its usual way."""

from datetime import datetime, timedelta

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.http import Browser
from tests.support.incidents import act, rows, student
from tests.support.meetings import HELD, decided, finished, investigated
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain, set_clock


async def done(
    browser: Browser, region: Region, people: dict[str, str], level: str = "not_at_risk", **more: object
) -> str:
    triage = more.pop("triage", {})
    incident = await investigated(browser, region, people, **triage)  # type: ignore[arg-type]
    answer = await decided(browser, region.saule, incident, [region.saule, region.aigerim], level, **more)
    assert answer.status_code == 303, answer.text
    return incident


async def test_r_035_a_decided_incident_goes_back_with_a_reason_and_its_clocks_run_anew(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await done(browser, region, {await student(region, "Қайтаов", "Бала"): "alleged_offender"})
    reason = {"reason": "Себепқайта: жаңа куә келді"}
    assert (await act(browser, region.aigerim, region, incident, "reopen", **reason)).status_code == 403
    silent = await act(browser, region.saule, region, incident, "reopen")
    assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "reason")
    assert (await act(browser, region.saule, region, incident, "reopen", **reason)).status_code == 303
    twice = await act(browser, region.saule, region, incident, "reopen", **reason)
    assert (twice.status_code, twice.json()["code"]) == (409, "incident.wrong_state")
    saule = await browser(region.saule)
    view = (await saule.get(f"/incidents/{incident}")).json()
    assert (view["state"], view["outcome"], view["changes"][0]["reason"]) == (
        "under_investigation",
        None,
        reason["reason"],
    )
    running = [c["code"] for c in view["clocks"] if c["state"] in ("open", "amber")]
    assert running == ["clk_investigation"]
    assert "Қайта ашылды" in (await saule.page(f"/incidents/{incident}")).text
    assert "Себепқайта" not in str(rows(database, "select t::text from incident_change t"))
    audited = "select count(*) from audit_log where action = 'incident.reopened' and %s = any(record_ids)"
    assert rows(database, audited, incident) == [(1,)]
    told = "select count(*) from outbox where actor = 'incidents.tell_reporters' and args ->> 'incident' = %s"
    before = rows(database, told, incident)
    assert before[0][0] >= 5
    await drain()
    assert (await (await browser(region.marat)).get("/my-reports")).json()["rows"][0]["state"] == "being_checked"
    await finished(browser, region, incident)
    again = await decided(browser, region.saule, incident, [region.saule, region.aigerim], "at_risk")
    assert again.status_code == 303
    view = (await saule.get(f"/incidents/{incident}")).json()
    ended = {(c["code"], c["period"]): c["state"] for c in view["clocks"]}
    assert {ended[code, p] for code in ("clk_investigation", "clk_team_classification") for p in ("", "(2)")} == {
        "met_in_time"
    }
    assert dead_or_failed(database) == []


async def test_r_039_the_investigation_of_a_reopened_incident_turns_overdue_like_the_first(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await done(browser, region, {await student(region, "Кешігов", "Бала"): "alleged_offender"})
    await act(browser, region.saule, region, incident, "reopen", reason="жаңа куә")
    set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(days=9))
    await drain()
    clocks = (await (await browser(region.saule)).get(f"/incidents/{incident}")).json()["clocks"]
    set_clock(database, datetime.now(LOCAL_ZONE))
    assert [c["state"] for c in clocks if c["code"] == "clk_investigation"] == ["met_in_time", "overdue"]


async def test_r_268_reconciliation_needs_the_consent_of_both_sides_and_is_sealed(
    browser: Browser, region: Region, database: str
) -> None:
    victim, offender = await student(region, "Жәбірленов", "Бала"), await student(region, "Татуласов", "Бала")
    incident = await done(browser, region, {victim: "victim", offender: "alleged_offender"})
    gulnar = await browser(region.gulnar)
    sides = {p["involvement"]: p["id"] for p in (await gulnar.get(f"/incidents/{incident}")).json()["people"]}
    body = {
        "victim": sides["victim"],
        "offender": sides["alleged_offender"],
        "result": "Татумаркер",
        "victim_agreed_at": HELD,
    }
    missing = await gulnar.act(f"/incidents/{incident}/reconciliation", body)
    assert (missing.status_code, missing.json()["fields"][0]["field"]) == (422, "offender_agreed_at")
    swapped = {**body, "offender_agreed_at": HELD, "victim": body["offender"], "offender": body["victim"]}
    assert (await gulnar.act(f"/incidents/{incident}/reconciliation", swapped)).status_code == 422
    done_ = await gulnar.act(f"/incidents/{incident}/reconciliation", {**body, "offender_agreed_at": HELD})
    assert done_.status_code == 303
    assert (await gulnar.get(f"/incidents/{incident}")).json()["reconciliations"][0]["result"] == "Татумаркер"
    assert "Татумаркер" not in str(rows(database, "select t::text from reconciliation t"))
    audited = "select count(*) from audit_log where action = 'incident.reconciled' and %s = any(record_ids)"
    assert rows(database, audited, incident) == [(1,)]
    daulet = await browser(region.daulet)
    assert (await daulet.act(f"/incidents/{incident}/reconciliation", body)).status_code == 403


@pytest.mark.parametrize(
    ("triage", "level"),
    [
        ({"serious_signs": ["physical_weapon"]}, "at_risk"),
        ({"serious_signs": ["sexual"]}, "at_risk"),
        ({"violence_types": ["sexual_harassment"]}, "at_risk"),
        ({"sent_to_medical": "yes"}, "at_risk"),
        ({"repetition": "single_first"}, "high_risk"),
    ],
)
async def test_r_268_there_is_no_reconciliation_after_the_worst(
    browser: Browser, region: Region, triage: dict[str, object], level: str
) -> None:
    victim, offender = await student(region, "Ауыров", "Бала"), await student(region, "Қаталов", "Бала")
    incident = await done(browser, region, {victim: "victim", offender: "alleged_offender"}, level, triage=triage)
    gulnar = await browser(region.gulnar)
    view = (await gulnar.get(f"/incidents/{incident}")).json()
    assert "reconcile" not in view["may"]
    sides = {p["involvement"]: p["id"] for p in view["people"]}
    body = {"victim": sides["victim"], "offender": sides["alleged_offender"], "result": "x"}
    agreed = {"victim_agreed_at": HELD, "offender_agreed_at": HELD}
    refused = await gulnar.act(f"/incidents/{incident}/reconciliation", body | agreed)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.no_reconciliation")


async def test_x5_r_029_the_third_record_proposes_secondary_measures_and_the_fourth_makes_them_a_duty(
    browser: Browser, region: Region, database: str
) -> None:
    child, incidents = await student(region, "Қайталанов", "Бала"), []
    for _ in range(4):
        people, outcome = {child: "alleged_offender"}, "confirmed_problem_behaviour"
        incidents.append(await done(browser, region, people, outcome=outcome))
    unfounded = await done(browser, region, {child: "alleged_offender"}, outcome="not_confirmed")
    await drain()
    marks = {}
    saule = await browser(region.saule)
    for incident in [*incidents, unfounded]:
        marks[incident] = (await saule.get(f"/incidents/{incident}")).json()["people"][0].get("secondary")
    assert [marks[one] for one in incidents] == [None, None, "proposed", "mandatory"]
    assert marks[unfounded] is None
    cases = "select count(*) from child_case where incident_id = %s"
    assert [rows(database, cases, one)[0][0] for one in incidents] == [0, 0, 0, 1]
    told = "select kind, membership_id from notification where kind like 'repeat_%%' and subject_id = any(%s)"
    heard = set(rows(database, told, incidents))
    team = {p.membership_id for p in (region.saule, region.aigerim, region.gulnar)}
    assert heard == {(kind, one) for kind in ("repeat_proposed", "repeat_mandatory") for one in team}
    daulet = await browser(region.daulet)
    assert "secondary" not in (await daulet.get(f"/incidents/{incidents[3]}")).json()["people"][0]
    third = (await saule.get(f"/incidents/{incidents[2]}")).json()
    assert (await saule.page(f"/incidents/{incidents[2]}/steps/secondary")).status_code == 200
    answer = {"participation_id": third["people"][0]["id"], "answer": "accepted"}
    assert (await saule.act(f"/incidents/{incidents[2]}/secondary", answer)).status_code == 303
    assert (await saule.act(f"/incidents/{incidents[2]}/secondary", answer)).status_code == 409
    await drain()
    assert rows(database, cases, incidents[2]) == [(1,)]
    fourth = (await saule.get(f"/incidents/{incidents[3]}")).json()["people"][0]["id"]
    declined = {"participation_id": fourth, "answer": "declined"}
    assert (await saule.act(f"/incidents/{incidents[3]}/secondary", declined)).status_code == 409
    assert dead_or_failed(database) == []


async def test_r_029_who_may_not_read_every_record_learns_nothing_of_their_number(
    browser: Browser, region: Region, database: str
) -> None:
    child = await student(region, "Жасырынов", "Бала")
    hidden = {child: "alleged_offender", str(region.gulnar.person_id): "victim"}
    await done(browser, region, hidden, outcome="confirmed_problem_behaviour")
    for _ in range(2):
        last = await done(browser, region, {child: "alleged_offender"}, outcome="confirmed_problem_behaviour")
    await drain()
    seen = {}
    for who in (region.saule, region.gulnar):
        view = (await (await browser(who)).get(f"/incidents/{last}")).json()
        seen[who.name] = (view["people"][0].get("secondary"), "secondary" in view["may"])
    assert seen == {"saule": ("proposed", True), "gulnar": (None, False)}
    told = "select membership_id from notification where kind = 'repeat_proposed' and subject_id = %s"
    assert (region.gulnar.membership_id,) not in rows(database, told, last)
