"""The weekly report on a phone in Kazakh: accepted in two presses, reported in under two minutes, or behind a code."""

import time

import pytest

from src.platform.kit import clock
from src.platform.workdays.calendar import week_of
from tests.e2e.visitor import Visitors
from tests.support.http import Browser
from tests.support.people import Region
from tests.support.referrals import sent

pytestmark = pytest.mark.e2e

DONE = "Екі кездесу өтті, бала сабырлы, сабаққа қатысып жүр"
SECONDS_A_KEY = 0.5


@pytest.fixture(scope="module", autouse=True)
async def paths(browser: Browser, region: Region, database: str) -> list[str]:
    """Two referrals, sent before the processes of the service start to work on the queue."""
    return [await sent(browser, region, database) for _ in range(2)]


async def test_r_147_two_presses_accept_and_the_week_takes_less_than_two_minutes(
    visitors: Visitors, region: Region, paths: list[str]
) -> None:
    path = paths[0]
    timur = await visitors(region.timur)
    await timur.open("/inbox")
    await timur.keep_picture("inbox")
    await timur.axe()
    screens = timur.screens
    await timur.press(f"a[href='{path}']")
    await timur.press("form[action$='/accept'] button")
    assert timur.screens - screens == 2
    await timur.keep_picture("partner_referral")
    await timur.axe()
    began, screens, presses = time.monotonic(), timur.screens, 0
    await timur.press("a[href$='/report']")
    await timur.page.fill("[name=work_done]", DONE)
    await timur.page.check("[name=progress][value=good]")
    for field in ("sessions_count", "attended_count"):
        await timur.page.fill(f"[name={field}]", "2")
    presses += 5
    await timur.keep_picture("weekly_report")
    await timur.axe()
    await timur.press("form[action$='/weeks'] .govuk-button-group button >> nth=0")
    presses += 1
    assert (timur.screens - screens, presses) == (2, 6)
    assert time.monotonic() - began + (len(DONE) + presses) * SECONDS_A_KEY < 120
    assert DONE in await timur.text()


async def test_decision_21_a_code_works_without_a_script_and_leaves_nothing_in_the_browser(
    visitors: Visitors, browser: Browser, region: Region, paths: list[str]
) -> None:
    paper = await (await browser(region.aigerim)).act(
        f"{paths[1]}/links", {"week": week_of(clock.local_date(clock.now()))}
    )
    code = paper.json()["code"]
    scripted = await visitors.stranger(script=True)
    await scripted.page.goto(f"{scripted.site}/weekly#{code}")
    assert await scripted.page.input_value("[name=code]") == code
    assert code not in scripted.page.url
    stranger = await visitors.stranger(script=False)
    await stranger.open("/weekly")
    await stranger.page.fill("[name=code]", code)
    await stranger.press("main form button")
    assert code not in stranger.page.url
    await stranger.keep_picture("weekly_by_link")
    await stranger.page.fill("[name=work_done]", DONE)
    await stranger.page.check("[name=progress][value=none]")
    for field in ("sessions_count", "attended_count"):
        await stranger.page.fill(f"[name={field}]", "1")
    await stranger.press("main form button")
    assert "Есеп жетті" in await stranger.text()
    assert await stranger.page.context.cookies() == []
