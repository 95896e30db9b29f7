"""What a parent was told follows the child when two incidents turn out to be one (decisions 10, R-062, R-261)."""

from typing import Any
from uuid import uuid4

from tests.support.http import Browser, Client
from tests.support.incidents import act, name, reported, rows, student, version
from tests.support.people import Region

CALM = {"harmed": "no", "harm_danger": "no"}
MEASURES = "Педагог күн сайын сөйлеседі"


async def told_of(client: Client) -> dict[str, str]:
    page = (await client.get("/my-children")).json()
    return {one["id"]: one["state"] for row in page["children"] for one in row["told"]}


async def tell(browser: Browser, region: Region, incident: str) -> None:
    saule = await browser(region.saule)
    (child, *_) = (await saule.get(f"/incidents/{incident}/tell-parents")).json()["children"]
    body = {"participation_id": child["participation_id"], "version": child["version"], "read": True}
    done = await saule.act(f"/incidents/{incident}/tell-parents", body | {"measures": MEASURES})
    assert done.status_code == 303, done.text


async def linked(browser: Browser, region: Region, source: str, into: str) -> Any:
    number = (await (await browser(region.saule)).get(f"/incidents/{into}")).json()["number"]
    return await act(browser, region.saule, region, source, "link", into=number)


async def test_r_034_r_062_a_link_takes_nothing_from_the_parents_and_gives_them_no_empty_incident(
    browser: Browser, region: Region, database: str
) -> None:
    kamila, child = await browser(region.kamila), str(region.alua.person_id)
    for stands_in_both in (False, True):
        source, into = [await reported(browser, region, **CALM) for _ in range(2)]
        await name(browser, region, source, child, "victim")
        if stands_in_both:
            await name(browser, region, into, child, "victim")
        await tell(browser, region, source)
        assert source in await told_of(kamila)
        done = await linked(browser, region, source, into)
        assert done.status_code == 303, done.text
        found = await told_of(kamila)
        assert (source in found, found.get(into)) == (False, "received"), stands_in_both
        page = (await kamila.get(f"/my-children/{into}")).json()
        assert [one["measures"] for one in page["children"]] == [MEASURES]
        gone, never = [await kamila.get(f"/my-children/{one}") for one in (source, uuid4())]
        assert (gone.status_code, gone.content) == (404, never.content)
        undone = await act(browser, region.saule, region, source, "unlink")
        assert undone.status_code == (409 if stands_in_both else 303)
        assert set(await told_of(kamila)) & {source, into} == {into if stands_in_both else source}


async def test_r_261_a_link_to_an_incident_that_accuses_the_parent_takes_what_was_told_away_at_once(
    browser: Browser, region: Region, database: str
) -> None:
    kamila, child = await browser(region.kamila), str(region.alua.person_id)
    source, into = [await reported(browser, region, **CALM) for _ in range(2)]
    await name(browser, region, source, child, "victim")
    await name(browser, region, into, str(region.kamila.person_id), "alleged_offender", "other_adult")
    await name(browser, region, into, await student(region, "Бөгдеев", "Бала"), "victim")
    await tell(browser, region, source)
    assert source in await told_of(kamila)
    assert (await linked(browser, region, source, into)).status_code == 303
    assert {source, into} & set(await told_of(kamila)) == set()
    assert {(await kamila.get(f"/my-children/{one}")).status_code for one in (source, into)} == {404}


async def test_r_170_a_link_closes_what_was_told_of_a_child_of_an_institution(
    browser: Browser, region: Region, database: str
) -> None:
    kamila, child = await browser(region.kamila), str(region.alua.person_id)
    source, into = [await reported(browser, region, **CALM) for _ in range(2)]
    await name(browser, region, source, child, "victim")
    await tell(browser, region, source)
    answers = {"harmed": False, "harm_danger": False, "residential_child": True}
    assert (await act(browser, region.saule, region, into, "triage", **answers)).status_code == 303
    assert (await linked(browser, region, source, into)).status_code == 303
    assert {source, into} & set(await told_of(kamila)) == set()
    clocks = "select count(*) from obligation where subject_id = %s and code = 'clk_residential_forward'"
    assert rows(database, clocks, into) == [(1,)]
    assert await version(browser, region, into) > 1
