"""Whoever asks much waits in line, and nobody else does: a flood on one school is that school's (ADR 41)."""

import asyncio
import time

import pytest

from src.platform.kit.settings import Share, settings
from src.platform.web import dependencies, line
from src.platform.web.line import Lines
from tests.support.doors import DOOR, another_school, opened
from tests.support.http import NAME, Browser
from tests.support.people import Region

_NEVER_AGAIN, _MOST = 0.0001, 0.2
WORDS = {"kk": "Дәл қазір сұрау өте көп", "ru": "Сейчас поступает очень много запросов", "en": "Very many requests"}


def shares(monkeypatch: pytest.MonkeyPatch, *, person: Share | None = None, organisation: Share | None = None) -> None:
    """From now on these; nobody is known and nobody has asked."""
    plenty = Share(rate=1e6, burst=1_000_000)
    monkeypatch.setattr(dependencies, "lines", Lines())
    monkeypatch.setattr(settings(), "request_waits_most", _MOST)
    monkeypatch.setattr(settings(), "person_share", person or plenty)
    monkeypatch.setattr(settings(), "organisation_share", organisation or plenty)


async def test_s_28_who_asks_too_much_is_told_so_and_a_colleague_is_not(
    browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    aigerim, saule = await browser(region.aigerim), await browser(region.saule)
    shares(monkeypatch, person=Share(rate=_NEVER_AGAIN, burst=3))
    met = [(await aigerim.get("/incidents")).status_code for _ in range(5)]
    assert met == [200] * 4 + [429], "the first one tells whose session it is"
    began = time.monotonic()
    refused = await aigerim.get("/incidents")
    assert time.monotonic() - began >= _MOST, "who is refused has waited: nobody can ask in a hot loop"
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "line_too_long", "10")
    assert (await saule.get("/incidents")).status_code == 200


async def test_whoever_is_a_little_early_waits_and_notices_nothing(
    browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    aigerim = await browser(region.aigerim)
    shares(monkeypatch, person=Share(rate=50, burst=2))
    assert (await aigerim.get("/incidents")).status_code == 200
    began = time.monotonic()
    together = await asyncio.gather(*(aigerim.get("/incidents") for _ in range(6)))
    assert [one.status_code for one in together] == [200] * 6
    assert time.monotonic() - began >= 4 / 50


async def test_s_28_a_flood_by_many_people_of_a_school_is_that_schools_own(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, _door = await another_school(browser, region, database)
    flood = [await browser(one) for one in (region.aigerim, region.saule, region.marat, region.daulet)]
    shares(monkeypatch, organisation=Share(rate=_NEVER_AGAIN, burst=4))
    met = [(await client.get("/messages")).status_code for client in flood * 3]
    assert met == [200] * 8 + [429] * 4, "four sessions that nobody knew, and four requests"
    assert (await (await browser(other.people[0])).get("/messages")).status_code == 200
    assert (await browser.visitor().get("/sign-in")).status_code == 200


async def test_s_28_a_flood_at_a_public_address_is_told_in_the_childs_language_and_leaves_the_staff_alone(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(browser, region)
    _other, door = await another_school(browser, region, database)
    daulet, visitor = await browser(region.daulet), browser.visitor()
    shares(monkeypatch, organisation=Share(rate=_NEVER_AGAIN, burst=2))
    assert [(await visitor.get(DOOR)).status_code for _ in range(4)] == [200] * 3 + [429]
    for language, words in WORDS.items():
        visitor.cookies.set("qorgan_lang", language)
        page = await visitor.page(f"{DOOR}/report")
        assert (page.status_code, words in page.text) == (429, True), page.text
    assert (await visitor.get(door)).status_code == 200
    assert (await daulet.get("/messages")).status_code == 200


async def test_visitors_and_ended_sessions_stand_in_no_line_together(
    browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, ended = browser.visitor(), browser.visitor()
    ended.headers["Cookie"] = f"{NAME}=nobodys"
    shares(monkeypatch, organisation=Share(rate=_NEVER_AGAIN, burst=1))
    assert {(await visitor.get("/sign-in")).status_code for _ in range(5)} == {200}
    assert {(await ended.get("/incidents")).status_code for _ in range(5)} == {401}


async def test_so_many_wait_that_others_are_told_at_once(
    browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    aigerim = await browser(region.aigerim)
    shares(monkeypatch, person=Share(rate=_NEVER_AGAIN, burst=1))
    await aigerim.get("/incidents")
    await aigerim.get("/incidents")
    monkeypatch.setattr(line, "_HELD", 0)
    began = time.monotonic()
    assert (await aigerim.get("/incidents")).status_code == 429
    assert time.monotonic() - began < _MOST


async def test_what_is_remembered_has_an_end(browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    people = region.aigerim, region.saule, region.marat
    for person in people:
        await browser(person)
    shares(monkeypatch)
    monkeypatch.setattr(line, "_MOST", 2)
    for person in people:
        await (await browser(person)).get("/messages")
        await (await browser(person)).get("/messages")
    assert dependencies.lines.known == (2, 2)
