"""A child without an account: the school's public address on a phone in Kazakh, by keyboard, without a script."""

import re
import time

import pytest
from playwright.async_api import Locator, Page, Route

from src.platform.kit.settings import settings
from tests.e2e.visitor import DESK, PHONE, Visitor, Visitors
from tests.support.doors import DOOR, opened, with_settings
from tests.support.http import Browser
from tests.support.people import Region

pytestmark = pytest.mark.e2e

SENTENCE = "Сегізінші сыныптың балалары менен күнде ақша сұрайды"
SECONDS_A_KEY = 0.5
"""A slow typist; 0.28 is the usual figure for somebody who types now and then."""


@pytest.fixture(autouse=True)
async def door(region: Region, browser: Browser) -> None:
    await opened(browser, region)
    await with_settings(region, public_reports_per_hour=10_000)


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)
        self.pressed += 1

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)
        self.pressed += len(text)

    async def reach(self, wanted: str) -> None:
        """Tab until something has the focus."""
        for _ in range(25):
            await self.press("Tab")
            if await self.focused().and_(self.page.locator(wanted)).count():
                return
        raise AssertionError(wanted)

    def focused(self) -> Locator:
        return self.page.locator("*:focus")


@pytest.mark.parametrize("script", [True, False])
async def test_r_259_a_report_takes_two_screens_and_less_than_a_minute_by_keyboard_alone(
    visitors: Visitors, script: bool
) -> None:
    child = await visitors.stranger(script=script)
    began, keys, screens = time.monotonic(), Keys(child.page), 1
    await child.page.goto(child.site + DOOR)
    await keys.reach("main a[href*='/report']")
    await keys.press("Enter")
    await child.page.wait_for_url("**/report?lang=kk")
    screens += 1
    await keys.reach("#description")
    await keys.type(SENTENCE)
    await keys.reach("main form button")
    await keys.press("Enter")
    await child.page.wait_for_selector("#receipt-code")
    assert screens <= 2
    assert keys.pressed * SECONDS_A_KEY < 60, keys.pressed
    assert time.monotonic() - began < 60
    code = await child.page.locator("#receipt-code").inner_text()
    assert re.fullmatch(r"(\w{6}-){2}\w{6}", code)
    await child.page.goto(f"{child.site}{DOOR}/receipt")
    await keys.reach("#code")
    await keys.type(code)
    await keys.press("Enter")  # the button need not be reached
    await child.page.wait_for_selector("main .govuk-tag")
    assert "Қабылданды" in await child.page.locator("main").inner_text()
    assert await child.page.context.cookies() == []


async def test_enter_in_a_line_sends_the_form_and_changes_no_language(visitors: Visitors) -> None:
    child = await visitors.stranger()
    await child.open(f"{DOOR}/report?lang=kk")
    await child.page.fill("#description", "Қысқа")
    await child.page.fill("#happened", "кеше")
    async with child.page.expect_navigation():
        await child.page.press("#happened", "Enter")
    assert await child.page.locator("#receipt-code").count() == 1
    await child.look()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_every_public_page_is_whole_in_every_language_and_width(
    visitors: Visitors, region: Region, browser: Browser, width: int, language: str
) -> None:
    child = await visitors.stranger(width=width, language=language)
    speaks = f"?lang={language}"
    for name, path in (("door", ""), ("door-report", "/report"), ("door-receipt", "/receipt")):
        await child.open(f"{DOOR}{path}{speaks}")
        await seen(child, name)
    await child.open(f"{DOOR}/report{speaks}")
    await child.press("main form button")
    await seen(child, "door-refused")
    await child.page.fill("#description", SENTENCE)
    child.typed |= set(SENTENCE.split())
    await child.press("main form button")
    await seen(child, "door-taken")
    code = await child.page.locator("#receipt-code").inner_text()
    await child.open(f"{DOOR}/receipt{speaks}")
    await child.page.fill("#code", code)
    await child.press("main form button")
    await seen(child, "door-opened")
    await child.page.fill("main textarea", "Бүгін де болды")
    await child.press("main form button")
    await seen(child, "door-answered")
    await child.open(f"/s/mek45{speaks}")
    await seen(child, "door-closed")
    kept = await child.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]
    assert await child.page.context.cookies() == []


async def seen(child: Visitor, name: str) -> None:
    await child.axe()
    await child.keep_picture(name)


@pytest.mark.parametrize("script", [True, False])
async def test_the_exit_button_leaves_at_once(visitors: Visitors, script: bool) -> None:
    child = await visitors.stranger(script=script)
    asked: list[str | None] = []

    async def elsewhere(route: Route) -> None:
        asked.append(await route.request.header_value("referer"))
        await route.fulfill(body="<h1>weather</h1>", content_type="text/html")

    await child.page.route(f"{settings().exit_url}**", elsewhere)
    await child.page.goto(f"{child.site}{DOOR}/report?lang=kk")
    await child.page.fill("#description", SENTENCE)
    await child.page.click("a[data-exit]")
    await child.page.wait_for_url(f"{settings().exit_url}**")
    assert asked == [None]  # the other site does not learn where somebody came from
    if script:
        await child.page.go_back()
        assert not child.page.url.startswith(child.site)


async def test_another_language_in_the_middle_of_the_form_keeps_what_is_typed(visitors: Visitors) -> None:
    child = await visitors.stranger(script=False)
    await child.page.goto(f"{child.site}{DOOR}/report?lang=kk")
    await child.page.fill("#description", SENTENCE)
    await child.page.check("input[name=danger][value=yes]")
    await child.page.click("button[name=_language][value=ru]")
    await child.page.wait_for_url("**/report?lang=ru")
    assert await child.page.input_value("#description") == SENTENCE
    assert await child.page.is_checked("input[name=danger][value=yes]")
    assert await child.page.locator("html").get_attribute("lang") == "ru"


async def test_the_code_is_copied_and_printed_with_one_press(visitors: Visitors) -> None:
    child = await visitors.stranger(permissions=["clipboard-read", "clipboard-write"])
    await child.open(f"{DOOR}/report?lang=kk")
    await child.page.fill("#description", SENTENCE)
    await child.press("main form button")
    code = await child.page.locator("#receipt-code").inner_text()
    await child.page.click("[data-copy]")
    await child.page.wait_for_function("navigator.clipboard.readText().then(text => text !== '')")
    assert await child.page.evaluate("navigator.clipboard.readText()") == code
    await child.page.evaluate("window.print = () => { window.printed = true }")
    await child.page.click("[data-print]")
    assert await child.page.evaluate("window.printed")
    await child.page.emulate_media(media="print")
    assert await child.page.locator("#receipt-code").is_visible()
    assert not await child.page.locator("a[data-exit]").is_visible()


async def test_the_team_asks_and_the_child_answers(visitors: Visitors, region: Region, browser: Browser) -> None:
    child, client = await visitors.stranger(), await browser(region.aigerim)
    before = {one["id"] for one in (await client.get("/incidents")).json()["rows"]}
    await child.open(f"{DOOR}/report?lang=kk")
    await child.page.fill("#description", SENTENCE)
    await child.press("main form button")
    code = await child.page.locator("#receipt-code").inner_text()
    aigerim = await visitors(region.aigerim)
    (new,) = {one["id"] for one in (await client.get("/incidents")).json()["rows"]} - before
    await aigerim.open(f"/incidents/{new}")
    await aigerim.axe()
    await aigerim.page.click("details:has(form[action$='/ask']) summary")
    await aigerim.page.fill("form[action$='/ask'] textarea", "Қай сыныптан?")
    await aigerim.press("form[action$='/ask'] button.govuk-button >> nth=0")
    await child.open(f"{DOOR}/receipt?lang=kk")
    await child.page.fill("#code", code)
    await child.press("main form button")
    await child.axe()
    assert "Қай сыныптан?" in await child.text()
    await child.page.fill("main textarea >> nth=0", "Сегізінші")
    await child.press("main form button >> nth=0")
    await aigerim.page.reload()
    await aigerim.look()
    await aigerim.axe()
    assert "Сегізінші" in await aigerim.text()
