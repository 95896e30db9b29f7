"""What holds for every page: reachable by links, narrow, in three languages, by keyboard, without script."""

import os
import re
from collections import Counter

import pytest
from playwright.async_api import Error

from tests.e2e.school_year import in_full_swing
from tests.e2e.visitor import DESK, NARROW, PHONE, Visitor, Visitors
from tests.support.http import Browser
from tests.support.people import Region
from tests.support.world import World

pytestmark = pytest.mark.e2e


SCREENS = [pytest.param("kk", PHONE, id="390"), pytest.param("kk", DESK, id="1280")]
SCREENS += [pytest.param("ru", NARROW, id="320-russian")]
"""Russian words are longer, and a page that is enlarged on a phone is as narrow as this (WCAG 1.4.10)."""
if os.environ.get("QORGAN_SCREENSHOTS"):
    SCREENS += [pytest.param(*one, id=f"{one[1]}-{one[0]}") for one in (("ru", DESK), ("en", PHONE), ("en", DESK))]
_STATES = 5
"""So many incidents are opened: one in each state that has steps of its own."""
_ONCE = bool(os.environ.get("QORGAN_E2E_ONCE"))
_TIMES = 1 if _ONCE else 2
"""So many pages of every other kind."""
_JUDGED = Counter[str]()
_JUDGES = 2
"""Before a change lands, the rules of accessibility judge a kind of page as so many people see it, else as everybody."""


@pytest.fixture(scope="module", autouse=True)
async def world(region: Region, browser: Browser, database: str) -> World:
    return await in_full_swing(region, browser, database)


async def crawl(visitor: Visitor, who: str) -> set[str]:
    """Every page that links of this person lead to, each kind of address once (before a change lands) or twice, incidents in every state."""
    waiting, seen, kinds = ["/"], set[str](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"[0-9a-f-]{36}", "*", path.partition("?")[0])
        if path in seen or kinds[kind] == (_STATES if kind == "/incidents/*" else _TIMES):
            continue
        seen.add(path)
        kinds[kind] += 1
        await visitor.open(path)
        _JUDGED[kind] += 1
        if not _ONCE or _JUDGED[kind] <= _JUDGES:
            await visitor.axe()
        await visitor.keep_picture(f"{who}{kind.replace('/', '_').replace('*', 'one')}-{kinds[kind]}")
        links = await visitor.page.evaluate("[...document.links].map(a => a.getAttribute('href'))")
        waiting += [
            link
            for link in links
            if link.startswith("/") and not link.startswith("/lang/") and "/empty" not in link and "?lang=" not in link
        ]
    return set(kinds)


@pytest.mark.parametrize(("language", "width"), SCREENS)
@pytest.mark.parametrize(
    "who", ["saule", "aigerim", "daulet", "bota", "marat", "timur", "asel", "oleg", "zhanna", "alua", "kamila"]
)
async def test_every_page_that_links_lead_to(
    visitors: Visitors, region: Region, who: str, width: int, language: str
) -> None:
    visitor = await visitors(region.people[who], width=width, language=language)
    expected = {"/start", "/tell"} if who in ("alua", "kamila") else {"/messages"}
    assert {"/"} | expected <= await crawl(visitor, who)


async def test_three_languages_stay_chosen(visitors: Visitors, region: Region) -> None:
    gulnar = await visitors(region.gulnar)
    for language in ("ru", "en", "kk"):
        gulnar.language = language
        await gulnar.press(f"form[action='/language/{language}'] button")
        await gulnar.open("/incidents")
        assert await gulnar.page.locator("html").get_attribute("lang") == language
        await gulnar.axe()


async def test_the_sign_in_page_speaks_before_anybody_is_known(visitors: Visitors) -> None:
    stranger = await visitors.stranger()
    await stranger.open("/sign-in")
    await stranger.axe()
    for language in ("ru", "en", "kk"):
        stranger.language = language
        await stranger.press(f"a[href^='/lang/{language}']")
        assert await stranger.page.locator("html").get_attribute("lang") == language
    await stranger.page.fill("#sign_in", "nobody@qorgan.test")
    await stranger.page.fill("#password", "wrong password")
    await stranger.press("main button[type=submit]")
    await stranger.axe()
    assert await stranger.page.locator(".govuk-error-summary").count() == 1
    assert await stranger.page.input_value("#sign_in") == "nobody@qorgan.test"
    assert await stranger.page.input_value("#password") == ""


async def test_going_back_after_signing_out_shows_nothing(visitors: Visitors, region: Region) -> None:
    saule = await visitors(region.saule)
    await saule.open("/team")
    await saule.press("form[action='/sign-out'] button")
    try:
        await saule.page.go_back(wait_until="load")
    except Error:
        return  # the browser would have to send a form again and does not
    assert saule.page.url.startswith(f"{saule.site}/sign-in")


async def test_by_keyboard_alone(visitors: Visitors, region: Region) -> None:
    marat = await visitors(region.marat)
    await marat.open("/report")
    await marat.page.keyboard.press("Tab")
    assert await marat.page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    await marat.page.keyboard.press("Enter")
    for _ in range(12):
        await marat.page.keyboard.press("Tab")
        if await marat.page.evaluate("document.activeElement.id") == "description":
            break
    await marat.page.locator("form[data-draft] button[type=submit]").first.focus()
    async with marat.page.expect_navigation():
        await marat.page.keyboard.press("Enter")
    await marat.look()
    assert await marat.page.evaluate("document.activeElement.className.includes('govuk-error-summary')")
    await marat.page.keyboard.press("Tab")
    await marat.page.keyboard.press("Enter")
    assert await marat.page.evaluate("document.activeElement.id") == "description"
    await marat.page.keyboard.type("Пернетақтамен жазылды")
    outline = "getComputedStyle(document.activeElement).outlineWidth"
    assert await marat.page.evaluate(outline) not in ("0px", "")


async def test_without_script(visitors: Visitors, region: Region) -> None:
    marat = await visitors(region.marat, script=False)
    await marat.page.goto(f"{marat.site}/report")
    await marat.page.fill("#description", "Скриптсіз жазылды")
    await marat.page.click("form[data-draft] button[type=submit] >> nth=0")
    await marat.page.wait_for_url("**/my-reports")
    saule = await visitors(region.saule, script=False)
    await saule.page.goto(f"{saule.site}/incidents")
    await saule.page.click("main table a >> nth=0")
    await saule.page.wait_for_url("**/incidents/*")
    incident = saule.page.url
    await saule.page.goto(f"{incident}/steps/triage")
    await saule.page.click("form[action$='/triage'] button")
    await saule.page.wait_for_url(incident)
    await saule.page.goto(f"{incident}/steps/screen")
    await saule.page.check("[name=investigators] >> nth=0")
    await saule.page.click("form[action$='/screen'] button")
    await saule.page.wait_for_url(incident)
