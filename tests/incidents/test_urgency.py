"""Urgency rises at any time and never falls; the clocks of the same day follow the facts (R-036 … R-038, R-048)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Region
from tests.support.queue import drain, set_clock
from tests.support.schools import founded

NO = {"harmed": "no", "harm_danger": "no"}


@pytest.fixture(autouse=True)
def real_time_afterwards(database: str) -> Iterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


async def view(browser: Browser, person: Any, incident: str) -> Any:
    return (await (await browser(person)).get(f"/incidents/{incident}")).json()


async def clocks(browser: Browser, region: Region, incident: str, reader: Any = None) -> dict[str, dict[str, Any]]:
    return {clock["code"]: clock for clock in (await view(browser, reader or region.saule, incident))["clocks"]}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(LOCAL_ZONE)


def told(database: str, incident: str, kind: str) -> set[Any]:
    query = "select membership_id from notification where subject_id = %s and kind = %s"
    return {membership for (membership,) in rows(database, query, incident, kind)}


async def screened(browser: Browser, region: Region, incident: str) -> Any:
    chosen = [str(region.aigerim.membership_id)]
    return await act(browser, region.saule, region, incident, "screen", investigators=chosen)


async def test_r_036_worked_example_urgent_on_saturday_at_23_10_is_due_before_midnight(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 12, 23, 10, tzinfo=LOCAL_ZONE))
    incident = await reported(browser, region, harmed="no", harm_danger="yes")
    due = local((await clocks(browser, region, incident))["clk_screen_urgent"]["due_at"])
    assert (due.date().isoformat(), due.hour, due.minute) == ("2026-12-12", 23, 59)


@pytest.mark.parametrize(
    ("received", "target", "limit"),
    [
        ((2026, 12, 11), "2026-12-14", "2026-12-15"),
        ((2026, 10, 23), "2026-10-27", "2026-10-28"),
        ((2026, 12, 15), "2026-12-17", "2026-12-18"),
    ],
)
async def test_r_037_worked_examples_of_a_standard_report(
    browser: Browser, region: Region, database: str, received: tuple[int, int, int], target: str, limit: str
) -> None:
    set_clock(database, datetime(*received, 10, tzinfo=LOCAL_ZONE))
    incident = await reported(browser, region, **NO)
    clock = (await clocks(browser, region, incident))["clk_screen_standard"]
    assert (local(clock["target_at"]).date().isoformat(), local(clock["due_at"]).date().isoformat()) == (target, limit)


async def test_r_038_danger_that_becomes_known_the_next_day_is_due_that_day(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 10, 15, tzinfo=LOCAL_ZONE))
    incident = await reported(browser, region, **NO)
    set_clock(database, datetime(2026, 12, 11, 9, tzinfo=LOCAL_ZONE))
    raised = await act(browser, region.aigerim, region, incident, "triage", harm_danger=True)
    assert raised.status_code == 303, raised.text
    found = await clocks(browser, region, incident)
    assert found["clk_screen_standard"]["state"] == "cancelled"
    assert local(found["clk_screen_urgent"]["due_at"]).date().isoformat() == "2026-12-11"


async def test_r_038_urgency_rises_after_screening_and_the_duty_person_hears_at_once(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, **NO)
    assert (await screened(browser, region, incident)).status_code == 303
    await drain()
    assert told(database, incident, "urgent_report") == set()
    nothing = await act(browser, region.gulnar, region, incident, "worsen")
    assert (nothing.status_code, nothing.json()["fields"][0]["field"]) == (422, "harmed")
    assert (await act(browser, region.marat, region, incident, "worsen", harmed=True)).status_code in (403, 404)
    raised = await act(browser, region.gulnar, region, incident, "worsen", harm_danger=True)
    assert raised.status_code == 303, raised.text
    assert (await view(browser, region.saule, incident))["urgency"] == "urgent"
    found = await clocks(browser, region, incident)
    assert found["clk_screen_urgent"]["state"] == "open"  # the investigation starts today
    audited = "select detail->>'urgency' from audit_log where action = 'incident.worsened' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [("urgent",)]
    asked = "select count(*) from outbox where actor = 'incidents.tell_duty' and args->>'incident' = %s"
    assert rows(database, asked, incident) == [(1,)]
    await drain()
    assert told(database, incident, "urgent_report") == {region.saule.membership_id}
    assert (await act(browser, region.aigerim, region, incident, "start")).status_code == 303
    assert (await clocks(browser, region, incident))["clk_screen_urgent"]["state"] == "met_in_time"


async def test_r_038_nothing_that_is_known_is_taken_back_later(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="yes")
    assert (await act(browser, region.saule, region, incident, "triage", harm_danger=True)).status_code == 303
    assert (await screened(browser, region, incident)).status_code == 303
    told_more = await act(browser, region.saule, region, incident, "worsen", serious_signs=["money_taken"])
    assert told_more.status_code == 303
    seen = await view(browser, region.saule, incident)
    assert (seen["urgency"], seen["answers"]["harm_danger"]) == ("urgent", True)
    assert seen["answers"]["serious_signs"] == ["money_taken"]


async def test_r_038_news_of_danger_answer_a_provisional_urgency(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)  # nobody answered: urgent until the team does
    assert (await act(browser, region.gulnar, region, incident, "worsen", harm_danger=True)).status_code == 303
    lowered = await act(browser, region.saule, region, incident, "triage")
    assert (lowered.status_code, lowered.json()["code"]) == (409, "incident.urgency_lowered")


async def test_r_036_whoever_is_on_duty_hears_of_an_urgent_report_at_night(
    browser: Browser, region: Region, database: str
) -> None:
    school = await founded(region, browser)
    await school.working()
    teacher = next(p for p in school.people if p.roles == ("subject_teacher",))
    seats = rows(
        database,
        "select s.membership_id from security_team_member s join security_team t on t.id = s.team_id "
        "where t.tenant_id = %s and t.status = 'active' and not s.is_leader and not s.is_deputy and s.kind = 'specialist'",
        school.tenant_id,
    )
    on_duty = next(p for p in school.people if p.membership_id == seats[0][0])
    member = await browser.fresh(on_duty)
    assert (await member.act("/team/duty", {"membership_id": str(on_duty.membership_id)})).status_code == 303
    set_clock(database, datetime(2026, 12, 13, 2, 30, tzinfo=LOCAL_ZONE))
    client = await browser(teacher)
    for answers, expected in ((NO, set()), ({"harm_danger": "yes"}, {on_duty.membership_id})):
        assert (await client.act("/report", {"description": "Түнде", **answers})).status_code == 303
        await drain()
        query = "select n.membership_id from notification n where n.kind = 'urgent_report' and n.tenant_id = %s"
        assert {found for (found,) in rows(database, query, school.tenant_id)} == expected


async def test_r_048_medical_help_is_red_from_the_first_moment_until_it_is_answered(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 11, 11, tzinfo=LOCAL_ZONE))
    incident = await reported(browser, region, harmed="yes")
    clock = (await clocks(browser, region, incident))["clk_medical"]
    assert (clock["state"], clock["at_once"]) == ("amber", True)
    assert local(clock["due_at"]).date().isoformat() == "2026-12-11"
    page = (await (await browser(region.saule)).page(f"/incidents/{incident}")).text
    assert 'q-due--overdue">Дереу' in page
    refused = await screened(browser, region, incident)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.medical_help_missing")
    answered = await act(browser, region.saule, region, incident, "triage", harmed=True, sent_to_medical="no")
    assert answered.status_code == 303
    assert (await clocks(browser, region, incident))["clk_medical"]["state"] == "met_in_time"
    assert (await screened(browser, region, incident)).status_code == 303


async def test_r_048_an_injury_that_becomes_known_later_asks_for_medical_help_too(
    browser: Browser, region: Region
) -> None:
    incident = await reported(browser, region, **NO)
    assert "clk_medical" not in await clocks(browser, region, incident)
    await screened(browser, region, incident)
    assert (await act(browser, region.saule, region, incident, "worsen", harmed=True)).status_code == 303
    assert (await clocks(browser, region, incident))["clk_medical"]["state"] == "amber"
    sent = await act(browser, region.saule, region, incident, "worsen", sent_to_medical="yes")
    assert sent.status_code == 303
    assert (await clocks(browser, region, incident))["clk_medical"]["state"] == "met_in_time"


async def test_r_257_a_sign_at_16_00_is_urgent_and_the_psychologists_same_day_task(
    browser: Browser, region: Region, database: str
) -> None:
    set_clock(database, datetime(2026, 12, 11, 16, tzinfo=LOCAL_ZONE))
    incident = await reported(browser, region, **NO)
    assert (await act(browser, region.saule, region, incident, "triage", self_harm_sign=True)).status_code == 303
    found = await clocks(browser, region, incident, region.aigerim)
    assert (await view(browser, region.saule, incident))["urgency"] == "urgent"
    assert "clk_psych_contact" not in await clocks(browser, region, incident)  # it would tell of health (S-17)
    assert local(found["clk_psych_contact"]["due_at"]).date().isoformat() == "2026-12-11"
    owed = "select responsible from obligation where code = 'clk_psych_contact' and subject_id = %s"
    assert rows(database, owed, incident) == [(region.aigerim.membership_id,)]
    seen = await view(browser, region.aigerim, incident)
    assert seen["answers"]["self_harm_sign"] is True  # who is to help reads what they need, nobody else
    assert "self_harm_sign" not in (await view(browser, region.gulnar, incident))["answers"]
    assert (await act(browser, region.saule, region, incident, "contact")).status_code == 403
    done = await act(browser, region.aigerim, region, incident, "contact")
    assert done.status_code == 303, done.text
    found = await clocks(browser, region, incident, region.aigerim)
    assert found["clk_psych_contact"]["state"] == "met_in_time"
    audited = "select actor_id from audit_log where action = 'incident.contact_recorded' and %s = any (record_ids)"
    assert rows(database, audited, incident) == [(region.aigerim.user_id,)]
    again = await act(browser, region.aigerim, region, incident, "contact")
    assert (again.status_code, again.json()["code"]) == (409, "incident.no_contact_owed")


async def test_r_257_a_psychologist_who_stands_in_the_incident_gets_nothing_and_the_coordinator_hears(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, **NO)
    await name(browser, region, incident, str(region.aigerim.person_id), "alleged_offender", "employee")
    assert (await act(browser, region.saule, region, incident, "triage", self_harm_sign=True)).status_code == 303
    owed = "select responsible from obligation where code = 'clk_psych_contact' and subject_id = %s"
    assert rows(database, owed, incident) == [(None,)]
    await drain()
    assert told(database, incident, "urgent_task") == {region.saule.membership_id}
    assert (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).status_code == 404


async def test_r_257_a_psychologist_outside_the_team_is_let_in_to_help(
    browser: Browser, region: Region, database: str
) -> None:
    school = await founded(region, browser)
    await school.working()
    leader = next(p for p in school.people[1:] if p.roles == ("psychologist",))
    seated = {
        m
        for (m,) in rows(
            database, "select membership_id from security_team_member where tenant_id = %s", school.tenant_id
        )
    }
    rows(
        database,
        "update membership set roles = array_remove(roles, 'psychologist') || '{social_pedagogue}' "
        "where tenant_id = %s and id = any(%s) returning id",
        school.tenant_id,
        list(seated),
    )
    outside = await school.hire("psychologist")
    coordinator = await browser.fresh(leader)
    assert (await coordinator.act("/report", {"description": "Бала үнсіз", **NO})).status_code == 303
    incident = (await coordinator.get("/incidents")).json()["rows"][0]["id"]
    psychologist = await browser(outside)
    assert (await psychologist.get(f"/incidents/{incident}")).status_code == 404
    body = {"version": 1, "self_harm_sign": True}
    assert (await coordinator.act(f"/incidents/{incident}/triage", body)).status_code == 303
    seen = (await psychologist.get(f"/incidents/{incident}")).json()
    assert seen["answers"]["self_harm_sign"] is True
    assert "record_contact" in seen["may"]
    await drain()
    assert outside.membership_id in told(database, incident, "urgent_task")
    done = await psychologist.act(f"/incidents/{incident}/contact", {"version": seen["version"]})
    assert done.status_code == 303, done.text


async def test_student_named_needs_no_new_clock(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region, **NO)
    await name(browser, region, incident, await student(region, "Тілеуов", "Сынақ"), "victim")
    assert set(await clocks(browser, region, incident)) == {"clk_screen_standard"}
