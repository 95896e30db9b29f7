"""The public page that tells children the difference between tattling and telling (R-058)."""

import re

import pytest

from src.platform.forms import registry
from tests.support.doors import DOOR, opened
from tests.support.http import Browser
from tests.support.people import Region

TITLES = {"kk": "Айту – сөз тасу емес", "ru": "Рассказать – не ябедничать", "en": "Telling is not tattling"}


@pytest.mark.parametrize("language", TITLES)
async def test_r_058_r_260_the_page_names_the_difference_the_four_strategies_and_whom_to_call(
    browser: Browser, region: Region, language: str
) -> None:
    """Without a sign-in, also where the school takes no reports, and with nothing that asks or keeps."""
    page = await browser.visitor().page(f"{DOOR}/telling?lang={language}")
    assert page.status_code == 200
    assert TITLES[language] in page.text
    listed = re.findall(r"<li>([^<]*)</li>", page.text.partition("<ol")[2].partition("</ol>")[0])
    strategies = registry.options("bystander_strategy").options
    assert listed == [one.label.in_language(language) for one in strategies]
    assert len(listed) == 4
    for number in ("112", "102", "103", "111"):
        assert f"tel:{number}" in page.text
    assert "<form" not in page.text
    assert "set-cookie" not in page.headers
    assert (await browser.visitor().get("/s/no-such-school/telling")).status_code == 404


async def test_r_058_the_door_and_the_home_of_a_child_lead_there(browser: Browser, region: Region) -> None:
    await opened(browser, region)
    door = (await browser.visitor().page(f"{DOOR}?lang=ru")).text
    assert f'href="{DOOR}/telling?lang=ru"' in door
    for person in (region.alua, region.kamila):
        home = (await (await browser(person)).page("/start")).text
        assert f'href="{DOOR}/telling?lang=' in home
