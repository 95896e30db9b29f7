"""Pages of incidents: what they cost, and what stands on them whatever the settings are."""

from src.platform.tenants import service as tenants
from tests.support.http import Browser
from tests.support.incidents import name, reported, student
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.statements import sent

MOST_STATEMENTS = 4


async def test_the_list_costs_four_statements_however_long_it_is(browser: Browser, region: Region) -> None:
    aigerim = await browser(region.aigerim)
    for number in range(5):
        incident = await reported(browser, region)
        await name(browser, region, incident, await student(region, "Сәкенов", f"Асан{number}"), "victim")
    await aigerim.page("/incidents")
    with sent() as seen:
        assert len((await aigerim.get("/incidents")).json()["rows"]) >= 5
    assert len(seen) <= MOST_STATEMENTS, seen


async def test_r_260_an_empty_list_of_numbers_falls_back(browser: Browser, region: Region) -> None:
    async with inside(region.organisations["school12"]) as work:
        await tenants.change_setting(work, "emergency_numbers", ["150"])
    marat = await browser(region.marat)
    assert (await marat.get("/report")).json()["emergency_numbers"] == ["150"]
    async with inside(region.organisations["school12"]) as work:
        await tenants.change_setting(work, "emergency_numbers", [])
    assert (await marat.get("/report")).json()["emergency_numbers"] == ["112", "102", "103", "111"]
