"""Whoever is given something to do hears of it at once: investigators, who appoints managers, the managers."""

from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from tests.support.http import Browser
from tests.support.incidents import act, classified, name, reported, rows
from tests.support.inside import as_person
from tests.support.people import Person, Region
from tests.support.queue import dead_or_failed, drain

TOLD = "select kind, membership_id from notification where kind in ('duty_given', 'case_waits', 'case_given')"


async def told(database: str, region: Region) -> set[tuple[str, str]]:
    """Kind and first name of everybody who heard of a duty since `forgotten`."""
    await drain()
    assert dead_or_failed(database) == []
    names = {one.membership_id: one.name for one in region.people.values()}
    return {(kind, names[membership]) for kind, membership in rows(database, TOLD)}


async def forgotten(database: str) -> None:
    await drain()
    rows(database, "delete from notification returning id")


async def screened(browser: Browser, region: Region, incident: str, by: Person, *who: Person) -> int:
    chosen = [str(one.membership_id) for one in who]
    status: int = (await act(browser, by, region, incident, "screen", investigators=chosen)).status_code
    return status


async def test_r_078_an_investigator_hears_of_the_duty_and_who_gave_it_does_not(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await forgotten(database)
    assert await screened(browser, region, incident, region.saule, region.saule, region.aigerim) == 303
    mails = "select count(*) from outbox where actor = 'notifications.send_mail' and args ->> 'notification' = any(%s)"
    given = [str(i) for (i,) in rows(database, "select id from notification where kind = 'duty_given'")]
    assert rows(database, mails, given) == [(1,)]
    assert await told(database, region) == {("duty_given", "aigerim")}
    audited = "select count(*) from audit_log where action = 'incident.screened' and record_ids[1] = %s"
    assert rows(database, audited, incident) == [(1,)]
    aigerim = await browser(region.aigerim)
    message = (await aigerim.get("/messages")).json()["rows"][0]
    assert (message["kind"], message["link"]) == ("duty_given", f"/incidents/{incident}")
    assert "Сізге оқиғаны тергеу" in (await aigerim.page("/messages")).text


async def test_r_064_nobody_hears_of_a_duty_that_a_named_person_was_refused(
    browser: Browser, region: Region, database: str
) -> None:
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, incident, str(region.gulnar.person_id), "witness", "employee")
    await forgotten(database)
    assert await screened(browser, region, incident, region.saule, region.gulnar) == 409
    assert await told(database, region) == set()


async def test_who_appoints_hears_of_a_new_case_and_the_manager_of_the_appointment(
    browser: Browser, region: Region, database: str
) -> None:
    await classified(browser, region, {"victim": "at_risk"})
    await forgotten(database)
    incident = await classified(browser, region, {"victim": "at_risk"})
    assert {("case_waits", "saule"), ("duty_given", "aigerim")} == await told(database, region)
    await forgotten(database)
    case = str(rows(database, "select id from child_case where incident_id = %s", incident)[0][0])
    saule = await browser(region.saule)
    body = {"version": 1, "manager": str(region.gulnar.membership_id)}
    assert (await saule.act(f"/cases/{case}/manager", body)).status_code == 303
    assert await told(database, region) == {("case_given", "gulnar")}
    gulnar = await browser(region.gulnar)
    assert (await gulnar.get("/messages")).json()["rows"][0]["link"] == f"/cases/{case}"


async def test_r_064_a_coordinator_related_to_the_child_hears_nothing_and_the_commission_is_told(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await classified(browser, region, {"victim": "at_risk"})  # its case opens when the queue runs
    person, link = rows(database, "select id, link from participation where incident_id = %s", incident)[0]
    async with as_person(region.aigerim) as work:
        await vault_ties.tie(work, await vault.open_link(work, bytes(link), person), region.saule.person_id, "mother")
    assert ("case_waits", "saule") not in await told(database, region)
    assert rows(database, "select state from child_case where incident_id = %s", incident) == [("opened",)]
    alerts = rows(database, "select kind from notification where membership_id = %s", region.zhanna.membership_id)
    assert ("school_alert.nobody_to_tell",) in alerts


async def test_the_number_of_new_messages_stands_in_the_navigation_until_they_are_read(
    browser: Browser, region: Region, database: str
) -> None:
    await forgotten(database)
    incident = await reported(browser, region, harmed="no", harm_danger="no")
    await forgotten(database)
    await screened(browser, region, incident, region.saule, region.aigerim)
    aigerim, daulet = await browser(region.aigerim), await browser(region.daulet)
    home = (await aigerim.page("/")).text

    assert "Хабарландырулар (1)" in home
    assert "Сізге жаңа хабарландыру бар" in home
    assert "Хабарландырулар (" not in (await daulet.page("/")).text
    assert (await aigerim.act("/messages/read", {})).status_code == 303
    home = (await aigerim.page("/")).text
    assert "Хабарландырулар (" not in home
    assert "Сізге жаңа хабарландыру бар" not in home
