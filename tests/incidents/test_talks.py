"""Talks of the investigation: with everybody, one by one, each with its time; then a level for every child."""

from typing import Any

import pytest

from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.meetings import HELD, decided, investigated
from tests.support.people import Region
from tests.support.queue import drain


async def begun(browser: Browser, region: Region) -> tuple[str, list[dict[str, Any]]]:
    """An incident under investigation, and who is to be heard: the reporter, the victim, the witness."""
    incident = await reported(browser, region)
    for family, involvement in (("Естілген", "victim"), ("Көрген", "witness")):
        await name(browser, region, incident, await student(region, family, "Бала"), involvement)
    chosen = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.aigerim, region, incident, "screen", investigators=chosen)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303
    view = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    return incident, view["to_hear"]


async def test_r_040_nobody_is_left_out_reporter_involved_or_witness(
    browser: Browser, region: Region, database: str
) -> None:
    incident, people = await begun(browser, region)
    aigerim = await browser(region.aigerim)
    assert len(people) == 3
    for number, person in enumerate(people):
        early = await act(browser, region.aigerim, region, incident, "finish", findings="болды")
        assert (early.status_code, early.json()["code"]) == (409, "incident.interviews_missing"), number
        told = (
            {person["field"]: person["id"], "waiver": "refused"}
            if number
            else {person["field"]: person["id"], "held_at": HELD, "notes": "айтты"}
        )
        assert (await aigerim.act(f"/incidents/{incident}/hear", told)).status_code == 303
    assert (await act(browser, region.aigerim, region, incident, "finish", findings="болды")).status_code == 303
    audited = "select action from audit_log where action like 'incident.hea%%' and %s = any(record_ids) order by seq"
    assert rows(database, audited, incident) == [("incident.heard",), *[("incident.hearing_waived",)] * 2]


async def test_r_040_a_waiver_needs_one_of_the_five_reasons(browser: Browser, region: Region) -> None:
    incident, people = await begun(browser, region)
    body = {people[0]["field"]: people[0]["id"], "waiver": "no_time"}
    refused = await (await browser(region.aigerim)).act(f"/incidents/{incident}/hear", body)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "waiver")


async def test_r_041_a_talk_without_its_time_is_not_saved(browser: Browser, region: Region, database: str) -> None:
    incident, people = await begun(browser, region)
    body = {people[0]["field"]: people[0]["id"], "notes": "айтты"}
    aigerim = await browser(region.aigerim)
    refused = await aigerim.act(f"/incidents/{incident}/hear", body)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "held_at")
    assert rows(database, "select count(*) from interview where incident_id = %s", incident) == [(0,)]
    assert (await aigerim.act(f"/incidents/{incident}/hear", {**body, "held_at": HELD})).status_code == 303


async def test_r_042_a_talk_is_with_exactly_one_person(browser: Browser, region: Region, database: str) -> None:
    incident, people = await begun(browser, region)
    report = next(one["id"] for one in people if one["field"] == "report_id")
    child = next(one["id"] for one in people if one["field"] == "participation_id")
    aigerim, talk = await browser(region.aigerim), {"held_at": HELD, "notes": "айтты"}
    for whom in ({}, {"report_id": report, "participation_id": child}, {"participation_id": report}):
        assert (await aigerim.act(f"/incidents/{incident}/hear", {**talk, **whom})).status_code == 404
    several = await aigerim.act(f"/incidents/{incident}/hear", {**talk, "participation_id": [child, report]})
    assert several.status_code == 422
    assert rows(database, "select count(*) from interview where incident_id = %s", incident) == [(0,)]
    assert (await aigerim.act(f"/incidents/{incident}/hear", {**talk, "participation_id": child})).status_code == 303


@pytest.mark.parametrize(("level", "cases"), [("not_at_risk", 0), ("at_risk", 1), ("high_risk", 1)])
async def test_r_046_a_child_at_risk_or_at_high_risk_gets_a_case_for_the_assessment(
    browser: Browser, region: Region, database: str, level: str, cases: int
) -> None:
    incident = await investigated(browser, region)
    assert (await decided(browser, region.saule, incident, [region.saule, region.aigerim], level)).status_code == 303
    await drain()
    opened = rows(database, "select id from child_case where incident_id = %s", incident)
    assert len(opened) == cases
    audited = "select count(*) from audit_log where action = 'case.opened' and record_ids[1] = any(%s)"
    assert rows(database, audited, [one for (one,) in opened]) == [(cases,)]


async def test_r_050_the_order_of_the_dates_is_kept_by_the_database_too(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await investigated(browser, region)
    order = "select reported_at <= screened_at and screened_at <= investigation_started_at and investigation_started_at <= investigation_ended_at from incident where id = %s"
    assert rows(database, order, incident) == [(True,)]
    for column, earlier in (("screened_at", "reported_at"), ("investigation_ended_at", "investigation_started_at")):
        query = f"update incident set {column} = {earlier} - interval '1 minute' where id = %s returning id"  # noqa: S608
        with pytest.raises(Exception, match="check"):
            rows(database, query, incident)
