"""Every form and link of every page leads somewhere; a form sent as it came says all that is missing, in its place."""

import re
from collections import Counter
from functools import cache
from typing import NamedTuple

import pytest

from tests.support.http import HTML, Browser, Client
from tests.support.pages import Form, PageOf
from tests.support.people import Region
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.crawl

_KINDS = {"uuid": "[0-9a-f-]{36}", "str": "[^/]+", "path": ".+"}
_THE_LATEST_IS_MEANT = {"school_year", "week"}


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


@cache
def _addresses(method: str) -> tuple[str, ...]:
    """The paths that take this method, as the application declares them."""
    return tuple(path for known, path, _ in routes() if known == method)


def leads_somewhere(method: str, address: str) -> bool:
    path = address.partition("?")[0].partition("#")[0] or "/"
    patterns = (re.sub(r"\{\w+:(\w+)\}", lambda found: _KINDS[found[1]], route) for route in _addresses(method))
    return any(re.fullmatch(pattern, path) for pattern in patterns)


class Shown(NamedTuple):
    """A page that somebody may open, and the session it was made for."""

    who: str
    client: Client
    address: str
    page: PageOf


@pytest.fixture(scope="module")
async def shown(region: Region, browser: Browser, world: World) -> list[Shown]:
    """Every page of every person."""
    found = []
    for who, person in region.people.items():
        client = await browser.fresh(person)
        for path in _addresses("GET"):
            answer = await client.page(world.fill(path))
            if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
                found.append(Shown(who, client, str(answer.url), PageOf(answer.text)))
    return found


def test_every_form_and_link_leads_to_a_route(region: Region, shown: list[Shown]) -> None:
    for who, _, address, page in shown:
        nowhere = [link for link in page.links if link.startswith("/") and not leads_somewhere("GET", link)]
        nowhere += [form.action for form in page.forms if not leads_somewhere(form.method, form.action)]
        assert nowhere == [], (who, address)
    assert min(Counter(one.who for one in shown)[who] for who in region.people) > 2


def test_nothing_is_chosen_beforehand(shown: list[Shown]) -> None:
    for who, _, address, page in shown:
        chosen = {name for form in page.forms for name in form.chosen_beforehand} - _THE_LATEST_IS_MEANT
        assert chosen == set(), (who, address)


async def test_a_form_sent_as_it_came_names_what_is_missing_where_it_is_missing(shown: list[Shown]) -> None:
    complained = 0
    for who, client, address, page in shown:
        for form in page.forms:
            if form.takes_answers and form.method == "POST":
                complained += await _complaints(client, who, address, form)
    assert complained > 20


async def _complaints(client: Client, who: str, address: str, form: Form) -> int:
    """How many fields the answer complains of; 0 when there was nothing that had to be filled in."""
    answer = await client.post(form.action, data=form.fields, headers=HTML)
    assert answer.status_code in (200, 303, 409, 422), (who, address, form.action, answer.status_code)
    if answer.status_code != 422:
        return 0
    page = PageOf(answer.text)
    assert page.complaints, (who, address, form.action)
    assert [name for name in page.complaints if name not in page.ids] == [], (who, address, form.action)
    return len(page.complaints)


async def test_every_line_of_the_summary_names_its_field(region: Region, browser: Browser, world: World) -> None:
    daulet, marat = await browser.fresh(region.daulet), await browser.fresh(region.marat)
    order = (await daulet.act("/team", {}, html=True)).text
    assert '<a href="#order_no">Бұйрық нөмірі: Осыны толтырыңыз</a>' in order
    assert '<a href="#order_date">Бұйрық күні: Осыны толтырыңыз</a>' in order
    report = (await marat.act("/report", {"harmed": "мүмкін"}, html=True)).text
    assert '<a href="#description">Не болды: Осыны толтырыңыз</a>' in report
    assert '<a href="#harmed">Біреу зардап шекті ме: ' in report
