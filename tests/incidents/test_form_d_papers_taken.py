"""Papers that were made before somebody lost an incident stay where they are: what is taken is what may be read now."""

from uuid import UUID

from tests.incidents.test_form_d_papers import PRINTED, asked, numbers, papers
from tests.support.http import Browser
from tests.support.incidents import accuse, name, reported, rows
from tests.support.longwork import step
from tests.support.people import Region
from tests.support.queue import drain


async def test_r_065_who_is_named_meanwhile_gets_no_paper_of_that_incident(
    region: Region, browser: Browser, database: str
) -> None:
    """Named after the first paper was made: neither the next one is made nor the first one handed over."""
    gulnar = await browser(region.gulnar)
    last, middle, first = [await reported(browser, region, description=f"Оқиға {one}") for one in ("а", "ә", "б")]
    work = (await asked(gulnar)).headers["location"]
    await step(database)
    await accuse(region, database, first, region.gulnar)
    await name(browser, region, middle, str(region.gulnar.person_id), "alleged_offender", "employee")
    await drain()
    assert (await gulnar.get(work)).json()["state"] == "done"
    found = papers((await gulnar.act(f"{work}/files")).content)
    assert {one in found for one in numbers(database, [first, middle])} == {False}
    assert numbers(database, [last])[0] in found
    printed = [str(one) for one, actor in rows(database, PRINTED) if actor == region.gulnar.user_id]
    assert (printed[0], middle in printed, last in printed) == (first, False, True)
    handed = "select record_ids from audit_log where action = 'long_work.taken' and record_ids[1] = %s"
    ((ids,),) = rows(database, handed, UUID(work.rpartition("/")[2]))
    assert {str(one) for one in ids[1:]} == {*printed} - {first}


async def test_s_15_who_reads_less_now_gets_no_paper_that_shows_more(
    region: Region, browser: Browser, database: str
) -> None:
    """From the team she goes back to be the support of one child: that incident is hers to read, its paper is not."""
    aigerim, saule = await browser(region.aigerim), await browser(region.saule)
    incident = await reported(browser, region, description="Оқиға в")
    hers, kept = [(await asked(client)).headers["location"] for client in (aigerim, saule)]
    await drain()
    roles = "update membership set roles = %s where id = %s returning id"
    duty = "insert into incident_duty values (%s, %s, %s, 'support_person') returning duty"
    rows(database, duty, region.aigerim.tenant_id, incident, region.aigerim.membership_id)
    rows(database, roles, ["psychologist"], region.aigerim.membership_id)
    assert (await aigerim.get(f"/incidents/{incident}")).status_code == 200
    answer = await aigerim.act(f"{hers}/files")
    assert (answer.status_code, answer.json()["code"]) == (409, "long_work.none_left")
    rows(database, roles, list(region.aigerim.roles), region.aigerim.membership_id)
    for client, work in ((aigerim, hers), (saule, kept)):
        assert (await client.act(f"{work}/files")).status_code == 200
