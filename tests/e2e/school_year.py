"""A region in the middle of its work, so that a browser meets pages with something on them in every state."""

from tests.support.http import Browser
from tests.support.incidents import act, name, reported, student
from tests.support.people import Region
from tests.support.queue import drain
from tests.support.world import World, lived

LONG = (
    "Түскі үзілісте асхананың алдындағы дәлізде жоғары сынып оқушысы кіші сынып оқушысын итеріп жіберді, "
    "сөмкесін тартып алды да, ақша әкелмесең ертең де солай болады деп қорқытты. "
)


async def in_full_swing(region: Region, browser: Browser, database: str) -> World:
    """One of everything, and an incident in every state that has a page of its own."""
    world = await lived(region, browser, database)
    child = await student(region, "Жұмабайұлы", "Мұхамедәлі")
    investigator = str(region.aigerim.membership_id)
    for steps in range(4):
        incident = await reported(
            browser, region, description=LONG * 3, who="9 «Б» сыныбының оқушылары", place="canteen"
        )
        if steps > 0:
            await name(browser, region, incident, child, "alleged_offender")
            await act(browser, region.saule, region, incident, "screen", investigators=[investigator])
        if steps > 1:
            await act(browser, region.aigerim, region, incident, "start")
        if steps > 2:
            for person in (await (await browser(region.aigerim)).get(f"/incidents/{incident}")).json()["to_hear"]:
                await act(
                    browser,
                    region.aigerim,
                    region,
                    incident,
                    "hear",
                    **{person["field"]: person["id"], "waiver": "refused"},
                )
            await act(browser, region.aigerim, region, incident, "finish", findings=LONG)
    await drain()
    return world
