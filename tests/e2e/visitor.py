"""A named person with a browser of their own. Every page they come to is checked: nothing foreign, nothing refused by
the content policy, nothing wider than the screen, one heading, a language, no violation found by axe."""

import json
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.support.people import PASSWORD, Person

PHONE, DESK = 390, 1280
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Visitor:
    """One person, one browser context."""

    def __init__(self, site: str, page: Page) -> None:
        self.site, self.page = site, page
        self.complaints: list[str] = []
        self.screens = 0
        page.on("console", self._note_console)
        page.on("request", self._note_request)

    async def open(self, path: str) -> None:
        """Go to an address of the service."""
        answer = await self.page.goto(self.site + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        await self.look()

    async def press(self, selector: str) -> None:
        """Press something that leads to another page."""
        async with self.page.expect_navigation():
            await self.page.click(selector)
        await self.look()

    async def look(self) -> None:
        """Check the page that is shown now."""
        page, self.screens = self.page, self.screens + 1
        assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), f"too wide: {page.url}"
        assert await page.locator("h1").count() == 1, page.url
        assert await page.locator("html").get_attribute("lang") in ("kk", "ru", "en"), page.url
        assert (await page.title()).strip(), page.url
        assert self.complaints == [], (page.url, self.complaints)

    async def axe(self) -> None:
        """No violation of accessibility rules; evaluated past the content policy, which stays as it is."""
        await self.page.evaluate(_AXE)
        found = await self.page.evaluate(f"axe.run(document, {json.dumps(_RULES)})")
        broken = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
        assert broken == [], (self.page.url, broken)

    async def text(self) -> str:
        return await self.page.locator("body").inner_text()

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:")):
            self.complaints.append(f"foreign request: {request.url}")


class Visitors:
    """Opens visitors and closes them."""

    def __init__(self, site: str, chromium: Browser) -> None:
        self._site, self._chromium = site, chromium
        self._contexts: list[BrowserContext] = []

    async def stranger(self, *, width: int = PHONE, script: bool = True, **more: Any) -> Visitor:
        """Somebody without a session; a Kazakh telephone unless told."""
        context = await self._chromium.new_context(
            viewport={"width": width, "height": 850}, java_script_enabled=script, locale="kk-KZ", **more
        )
        self._contexts.append(context)
        return Visitor(self._site, await context.new_page())

    async def __call__(self, person: Person, **more: Any) -> Visitor:
        """A named person, signed in through the page."""
        visitor = await self.stranger(**more)
        await visitor.open("/sign-in")
        await visitor.page.fill("#sign_in", person.sign_in)
        await visitor.page.fill("#password", PASSWORD)
        await visitor.press("main button[type=submit]")
        visitor.screens = 0
        return visitor

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()
