"""A named person with a browser of their own. Every page they come to is checked: nothing foreign, nothing refused by
the content policy, nothing kept by the browser, nothing wider than the screen, one heading, the chosen language and no
other, and (when asked) no violation found by axe."""

import json
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.e2e.wording import english_words
from tests.support.http import PRINTED
from tests.support.people import PASSWORD, Person

NARROW, PHONE, DESK = 320, 390, 1280
LOCALES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-GB"}
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
EXPLAINED = {"color-contrast": "<text "}
"""What axe cannot decide by itself: the rule, and how the element begins. Anything else that it is not sure of fails.

The contrast of words inside a drawing: the two captions of the map of a body are black on the white of the page.
"""
_TOO_WIDE = """document.scrollingElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('main *')]
    .filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.textContent.trim().slice(0, 60))"""
"""What stands beyond the edge of a page that has to be moved sideways to be read."""
_SCREENSHOTS = os.environ.get("QORGAN_SCREENSHOTS", "")
_REFUSED = re.compile(r"status of 4\d\d")
"""Chromium reports every page with a 4xx status on its console; those pages are wanted here."""


class Visitor:
    """One person, one browser context."""

    def __init__(self, site: str, page: Page, *, language: str, typed: Collection[str] = ()) -> None:
        """Words of `typed` were put in by people and may be of any language."""
        self.site, self.page, self.language = site, page, language
        self.typed = set(typed)
        self.complaints: list[str] = []
        self.screens = 0
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note_request)
        page.on("response", self._note_response)

    @property
    def path(self) -> str:
        """Where this person is now."""
        return self.page.url.removeprefix(self.site)

    async def open(self, path: str) -> None:
        """Go to an address of the service."""
        answer = await self.page.goto(self.site + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        await self.look()

    async def press(self, selector: str) -> None:
        """Press something that leads to another page."""
        await self._go_on(selector)
        await self.look()

    async def look(self) -> None:
        """Check the page that is shown now."""
        page, self.screens = self.page, self.screens + 1
        assert await page.evaluate(_TOO_WIDE) == [], f"too wide: {page.url}"
        assert await page.locator("h1").count() == 1, page.url
        assert await page.locator("html").get_attribute("lang") == self.language, page.url
        assert (await page.title()).strip(), page.url
        assert self.complaints == [], (page.url, self.complaints)
        foreign = await english_words(page, self.typed) if self.language != "en" else []
        assert foreign == [], (page.url, foreign)

    async def sign_in(self, person: Person) -> None:
        """Fill in the page that asks who is there, and the next one if that asks for a printed code; in any language."""
        await self.page.fill("#sign_in", person.sign_in)
        await self.page.fill("#password", PASSWORD)
        await self._go_on("main button[type=submit]")
        if "/second-factor" in self.page.url:
            await self._prove(PRINTED.setdefault(person.sign_in, []))

    async def _prove(self, printed: list[str]) -> None:
        if printed:
            await self._give(printed.pop())
        else:
            await self._go_on("main a[href^='/second-factor/codes']")
        if "/second-factor/codes" in self.page.url:
            printed[:] = await self.page.locator(".q-secret").all_inner_texts()
            await self._give(printed.pop())

    async def _give(self, code: str) -> None:
        await self.page.fill("#code", code)
        await self._go_on("main button[type=submit]")

    async def _go_on(self, selector: str) -> None:
        async with self.page.expect_navigation():
            await self.page.click(selector)

    async def axe(self) -> None:
        """No violation of accessibility rules and no unexplained doubt; evaluated past the content policy, which stays as it is."""
        await self.page.evaluate(_AXE)
        found = await self.page.evaluate(f"axe.run(document, {json.dumps(_RULES)})")
        broken = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
        assert broken == [], (self.page.url, broken)
        unsure = [
            (one["id"], doubtful)
            for one in found["incomplete"]
            if (
                doubtful := [
                    n["html"][:160] for n in one["nodes"] if not n["html"].startswith(EXPLAINED.get(one["id"], " "))
                ]
            )
        ]
        assert unsure == [], (self.page.url, unsure)

    async def text(self) -> str:
        return await self.page.locator("body").inner_text()

    async def keep_picture(self, name: str) -> None:
        """For `make screenshots`: the whole page as a file, to be looked at by a person."""
        if _SCREENSHOTS:
            width = (self.page.viewport_size or {})["width"]
            folder = Path(_SCREENSHOTS) / f"{self.language}-{width}"
            await self.page.screenshot(path=folder / f"{name}.png", full_page=True)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _REFUSED.search(message.text):
            self.complaints.append(message.text)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:")):
            self.complaints.append(f"foreign request: {request.url}")

    def _note_response(self, response: Response) -> None:
        if "/assets/" not in response.url and response.headers.get("cache-control") != "no-store":
            self.complaints.append(f"a browser may keep {response.url}")


class Visitors:
    """Opens visitors and closes them."""

    def __init__(self, site: str, chromium: Browser, typed: Collection[str] = ()) -> None:
        self._site, self._chromium, self._typed = site, chromium, typed
        self._contexts: list[BrowserContext] = []

    async def stranger(self, *, width: int = PHONE, script: bool = True, language: str = "kk", **more: Any) -> Visitor:
        """Somebody without a session; a Kazakh telephone unless told."""
        context = await self._chromium.new_context(
            viewport={"width": width, "height": 850}, java_script_enabled=script, locale=LOCALES[language], **more
        )
        self._contexts.append(context)
        return Visitor(self._site, await context.new_page(), language=language, typed=self._typed)

    async def __call__(self, person: Person, *, language: str = "kk", **more: Any) -> Visitor:
        """A named person, signed in through the page."""
        visitor = await self.stranger(**more)
        await visitor.open("/sign-in")
        await visitor.sign_in(person)
        visitor.language = language
        if await visitor.page.locator(f"form[action='/language/{language}']").count():
            await visitor.press(f"form[action='/language/{language}'] button")
        await visitor.look()
        visitor.screens = 0
        return visitor

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()
