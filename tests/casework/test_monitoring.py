"""A victim is not alone after the closing: somebody is named, and looks until violence has stopped (R-246, R-263)."""

from tests.support.http import Browser
from tests.support.incidents import act, classified, rows, student
from tests.support.meetings import decided, investigated
from tests.support.people import Region
from tests.support.queue import dead_or_failed, drain


async def case_of(database: str, incident: str) -> str:
    await drain()
    return str(rows(database, "select id from child_case where incident_id = %s and side = 'victim'", incident)[0][0])


async def managed(browser: Browser, region: Region, case: str) -> None:
    saule = await browser(region.saule)
    seen = (await saule.get(f"/cases/{case}")).json()["version"]
    body = {"version": seen, "manager": str(region.gulnar.membership_id)}
    assert (await saule.act(f"/cases/{case}/manager", body)).status_code == 303


async def test_r_263_an_incident_with_a_victim_without_manager_or_support_person_is_not_closed(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "not_at_risk", "alleged_offender": "at_risk"})
    case = await case_of(database, incident)
    refused = await act(browser, region.saule, region, incident, "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.victim_alone")
    await managed(browser, region, case)
    assert (await act(browser, region.saule, region, incident, "close")).status_code == 303
    without = await classified(browser, region, {"alleged_offender": "at_risk"})
    assert (await act(browser, region.saule, region, without, "close")).status_code == 303


async def test_r_047_an_incident_with_a_victim_without_written_protection_is_not_closed(
    browser: Browser, region: Region
) -> None:
    incident = await investigated(browser, region, {await student(region, "Қорғансызов", "Бала"): "victim"})
    attended = [region.saule, region.aigerim]
    assert (await decided(browser, region.saule, incident, attended, safety_measures="")).status_code == 303
    refused = await act(browser, region.saule, region, incident, "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.safety_missing")


async def test_r_246_only_the_note_that_violence_has_stopped_ends_the_monitoring(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await classified(browser, region, {"victim": "not_at_risk", "alleged_offender": "at_risk"})
    case, gulnar = await case_of(database, incident), await browser(region.gulnar)
    await managed(browser, region, case)
    early = await gulnar.act(f"/cases/{case}/monitoring", {"text": "ерте"})
    assert (early.status_code, early.json()["code"]) == (409, "case.not_monitored")
    assert (await act(browser, region.saule, region, incident, "close")).status_code == 303
    assert ("casework.monitor_victims",) in rows(
        database, "select actor from outbox where args ->> 'incident' = %s", incident
    )
    await drain()
    told = "select membership_id from notification where kind = 'victim_monitored' and subject_id = %s"
    assert rows(database, told, case) == [(region.gulnar.membership_id,)]
    monitored = "select side from child_case where incident_id = %s and monitored_since is not null"
    assert rows(database, monitored, incident) == [("victim",)]
    assert (await gulnar.act(f"/cases/{case}/monitoring", {"text": ""})).status_code == 422
    assert (await gulnar.act(f"/cases/{case}/monitoring", {"text": "Байқаумаркер"})).status_code == 303
    assert (await (await browser(region.aigerim)).act(f"/cases/{case}/monitoring", {"text": "x"})).status_code == 404
    assert (await (await browser(region.daulet)).act(f"/cases/{case}/monitoring", {"text": "x"})).status_code == 403
    assert "monitor" in (await gulnar.get(f"/cases/{case}")).json()["may"]
    assert "Байқаумаркер" in (await gulnar.page(f"/cases/{case}")).text
    assert "Байқаумаркер" not in str(rows(database, "select t::text from monitoring_note t"))
    assert (await gulnar.act(f"/cases/{case}/monitoring", {"text": "тоқтады", "stopped": True})).status_code == 303
    view = (await gulnar.get(f"/cases/{case}")).json()
    assert ("monitor" in view["may"], view["violence_stopped_at"] is None) == (False, False)
    after = await gulnar.act(f"/cases/{case}/monitoring", {"text": "кеш"})
    assert (after.status_code, after.json()["code"]) == (409, "case.not_monitored")
    late = await gulnar.act(f"/cases/{case}/monitoring", {"text": "Кеш жазылған сөз"}, html=True)
    assert (late.status_code, "Кеш жазылған сөз" in late.text) == (409, True)  # nothing typed is lost
    audited = "select action from audit_log where record_ids[1] = %s and action in ('case.monitored', 'case.violence_stopped')"
    assert sorted(rows(database, audited, case)) == [("case.monitored",), ("case.violence_stopped",)]
    assert (await act(browser, region.saule, region, incident, "reopen", reason="қайта ұрды")).status_code == 303
    assert (await gulnar.get(f"/cases/{case}")).status_code == 200
    assert dead_or_failed(database) == []
