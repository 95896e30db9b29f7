"""The script keeps what is typed after a pause and when the page is left, and says so; it stores nothing itself."""

import re

import pytest
from playwright.async_api import Route, expect

from tests.e2e.visitor import Visitors
from tests.support.incidents import rows
from tests.support.people import Region

pytestmark = pytest.mark.e2e
NOTE, TEXT = "[data-draft-note]", "#description"


async def test_decision_25_a_pause_is_enough_and_the_page_says_so(visitors: Visitors, region: Region) -> None:
    marat = await visitors(region.marat)
    await marat.open("/report")
    await marat.page.fill(TEXT, "Асханада итеріп жіберді")
    await expect(marat.page.locator(NOTE)).to_have_text(re.compile(r"Қаралама сақталды: \d\d:\d\d"))
    await marat.axe()
    await marat.open("/report")
    assert await marat.page.input_value(TEXT) == "Асханада итеріп жіберді"
    await marat.axe()
    stored = await marat.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Асханада" not in stored
    await marat.press(".q-draft button")
    assert await marat.page.input_value(TEXT) == ""
    assert await marat.page.locator(".q-draft").count() == 0


async def test_decision_25_a_page_that_is_left_at_once_keeps_its_text(visitors: Visitors, region: Region) -> None:
    bota = await visitors(region.bota)
    await bota.open("/report")
    await bota.page.fill(TEXT, "Кетіп қалды")
    await bota.open("/my-reports")
    await bota.page.wait_for_timeout(500)
    await bota.open("/report")
    assert await bota.page.input_value(TEXT) == "Кетіп қалды"


async def test_decision_25_a_sent_form_leaves_nothing_behind(visitors: Visitors, region: Region, database: str) -> None:
    erlan = await visitors(region.erlan)
    await erlan.open("/report")
    await erlan.page.fill(TEXT, "Жіберілді")
    await erlan.press("form[data-draft] button")
    await erlan.page.go_back()
    await erlan.open("/report")
    assert await erlan.page.input_value(TEXT) == ""
    assert rows(database, "select count(*) from report") == [(1,)]


async def test_decision_25_the_page_says_when_nothing_can_be_kept(visitors: Visitors, region: Region) -> None:
    gulnar = await visitors(region.gulnar)
    await gulnar.open("/report")

    async def fail(route: Route) -> None:
        await route.abort()

    await gulnar.page.route("**/report", fail)
    await gulnar.page.fill(TEXT, "Байланыс жоқ")
    await expect(gulnar.page.locator(NOTE)).to_contain_text("жаппаңыз")


async def test_decision_25_a_session_that_ended_gives_the_text_back_without_a_script(
    visitors: Visitors, region: Region, database: str
) -> None:
    saule = await visitors(region.saule, script=False)
    await saule.open("/report")
    await saule.page.fill(TEXT, "Сеанс үзілді")
    await saule.page.context.clear_cookies(name="__Host-qorgan")
    await saule.press("form[data-draft] button")
    assert "/sign-in?next=/kept/" in saule.page.url
    await saule.sign_in(region.saule)
    assert saule.page.url.endswith("/report")
    assert await saule.page.input_value(TEXT) == "Сеанс үзілді"
    assert await saule.page.locator(".q-draft").count() == 1
