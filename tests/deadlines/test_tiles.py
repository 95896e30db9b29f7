"""Numbers on the home page: each is the length of the list that it leads to (S-17)."""

from datetime import timedelta

from src.platform.kit import clock
from tests.support.http import Browser
from tests.support.incidents import name, reported
from tests.support.people import Region
from tests.support.queue import set_clock


async def tiles(browser: Browser, region: Region, who: str) -> dict[tuple[str, str], int]:
    home = (await (await browser.fresh(getattr(region, who))).get("/")).json()
    return {(one["subject_kind"], one["state"]): one["number"] for one in home["tiles"]}


async def test_s_17_a_tile_counts_what_its_reader_may_see_and_opens_exactly_that_list(
    browser: Browser, region: Region, database: str
) -> None:
    for _ in range(3):
        await reported(browser, region, harmed="no", harm_danger="no")
    hidden = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, hidden, str(region.daulet.person_id), "alleged_offender", "employee")
    set_clock(database, clock.now() + timedelta(days=6))
    found = {who: await tiles(browser, region, who) for who in ("saule", "daulet", "marat")}
    for who, expected in (("saule", 4), ("daulet", 3)):
        client = await browser.fresh(getattr(region, who))
        listed = (await client.get("/incidents?clock=overdue")).json()["rows"]
        page = (await client.page("/")).text
        assert found[who]["incident", "overdue"] == len(listed) == expected
        assert 'href="/incidents?clock=overdue"' in page
    set_clock(database, clock.real_now())
    assert found["marat"] == {}
    assert ("incident", "overdue") not in await tiles(browser, region, "saule")
