"""Wherever an adult learns that a child is in danger, one press opens an urgent report and keeps what was typed (R-258)."""

import re
from typing import Any

from tests.support.http import Browser
from tests.support.incidents import act, classified, reported, rows
from tests.support.people import Region
from tests.support.queue import drain

NOTES = "Бала үйде ұрады дейді"
NO = {"harmed": "no", "harm_danger": "no"}


async def talking(browser: Browser, region: Region) -> tuple[str, dict[str, Any]]:
    """An incident whose investigator is about to write down a talk."""
    incident = await reported(browser, region, **NO)
    await act(browser, region.saule, region, incident, "screen", investigators=[str(region.aigerim.membership_id)])
    await act(browser, region.aigerim, region, incident, "start")
    seen = (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()
    return incident, seen["to_hear"][0]


async def test_r_258_a_danger_learnt_in_a_talk_becomes_an_urgent_report_and_the_notes_stay(
    browser: Browser, region: Region, database: str
) -> None:
    incident, person = await talking(browser, region)
    aigerim = await browser(region.aigerim)
    hearing = f"/incidents/{incident}/steps/hear"
    assert re.search(r'<button[^>]*value="danger"', (await aigerim.page(hearing)).text)
    typed = {person["field"]: person["id"], "notes": NOTES, "_draft": "danger"}
    pressed = await aigerim.act(f"/incidents/{incident}/hear", typed, html=True)
    assert pressed.status_code == 303
    target = pressed.headers["location"]
    assert target.startswith("/report?danger=yes&back=")
    form = (await aigerim.page(target)).text
    assert re.search(r'name="harm_danger"[^>]*value="yes"[^>]*checked', form)
    assert f'href="{hearing}"' in form
    before = set(rows(database, "select id from incident"))
    told = await aigerim.act("/report", {"description": "Үйінде қауіп бар", "harm_danger": "yes"}, html=True)
    assert told.status_code == 303
    ((new,),) = set(rows(database, "select id from incident")) - before
    assert rows(database, "select urgency from incident where id = %s", new) == [("urgent",)]
    audited = "select actor_id, actor_sealed is not null from audit_log where action = 'report.submitted' and %s = any (record_ids)"
    assert rows(database, audited, new) == [(None, True)]
    asked = "select count(*) from outbox where actor = 'incidents.tell_duty' and args->>'incident' = %s"
    assert rows(database, asked, str(new)) == [(1,)]
    assert NOTES in (await aigerim.page(hearing)).text  # kept as a draft, and heard only when it is sent
    assert rows(database, "select count(*) from interview where incident_id = %s", incident) == [(0,)]
    assert NOTES not in str(rows(database, "select t::text from form_draft t"))


async def test_r_258_the_case_page_has_the_button(browser: Browser, region: Region, database: str) -> None:
    incident = await classified(browser, region, {"victim": "at_risk"})
    await drain()
    case = rows(database, "select id from child_case where incident_id = %s", incident)[0][0]
    saule = await browser(region.saule)
    page = (await saule.page(f"/cases/{case}")).text
    target = f"/report?danger=yes&amp;back=/cases/{case}"
    assert target in page
    form = (await saule.page(target.replace("&amp;", "&"))).text
    assert f'href="/cases/{case}"' in form


async def test_r_258_the_way_back_leads_nowhere_else(browser: Browser, region: Region) -> None:
    marat = await browser(region.marat)
    for strange in ("//evil.test/x", "https://evil.test", "/\\evil.test", "javascript:alert(1)"):
        page = (await marat.get("/report", params={"danger": "yes", "back": strange})).json()
        assert page["back"] == "/"
    plain = (await marat.get("/report")).json()
    assert (plain["danger"], plain["back"]) == (False, "")
    assert not re.search(r'name="harm_danger"[^>]*checked', (await marat.page("/report")).text)
