"""The map of a body by pointer, by keyboard and without script; a file that is too large is answered in words."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import DESK, Visitors
from tests.support import files
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Region

pytestmark = pytest.mark.e2e
SEND = "form[data-draft] button[type=submit] >> nth=0"
CHEST, ON = "polygon[data-region=chest]", "q-body__region--on"


@pytest.fixture
async def incident(region: Region, browser: Browser) -> str:
    """Under investigation by Aigerim, who reads health."""
    made = await reported(browser, region, harmed="no", harm_danger="no")
    await name(browser, region, made, await student(region, "Қайратов", "Нұрлан"), "victim")
    duty = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.saule, region, made, "screen", investigators=duty)).status_code == 303
    return made


async def test_s_56_r_048_the_map_of_a_body_for_every_hand_and_a_photo_beside_it(
    visitors: Visitors, region: Region, incident: str, database: str, tmp_path: Path
) -> None:
    for width in (390, DESK):
        aigerim = await visitors(region.aigerim, width=width)
        await aigerim.open(f"/incidents/{incident}/injuries")
        await aigerim.axe()
        await aigerim.keep_picture("aigerim_injuries")
    page = aigerim.page
    await page.locator(CHEST).click()
    await expect(page.locator("#region-chest")).to_be_checked()
    await page.locator("#region-knee_left").focus()  # by keyboard: the list is the same form
    await page.keyboard.press("Space")
    await expect(page.locator("polygon[data-region=knee_left]")).to_have_class(f"q-body__region {ON}")
    assert await page.evaluate("[...document.querySelectorAll('.q-body__figures [tabindex]')].length") == 0
    await page.locator(CHEST).click()
    await expect(page.locator("#region-chest")).not_to_be_checked()
    await aigerim.page.fill("#note", "көгерген")
    await aigerim.press(SEND)
    assert aigerim.path == f"/incidents/{incident}"
    await aigerim.axe()
    await expect(page.get_by_role("img", name="Алдынан: Тізе, сол жақта")).to_be_visible()
    await aigerim.keep_picture("aigerim_incident")
    await _without_script(visitors, region, incident, database)
    await _a_photo(visitors, region, incident, tmp_path)


async def _without_script(visitors: Visitors, region: Region, incident: str, database: str) -> None:
    plain = await visitors(region.aigerim, script=False)
    await plain.open(f"/incidents/{incident}/injuries")
    await plain.press(SEND)  # nothing ticked: told in words, in the place
    assert await plain.page.locator(".govuk-error-summary a[href='#regions']").count() == 1
    await plain.page.check("#region-heel_right")
    await plain.page.fill("#note", "сызат")
    await plain.press(SEND)
    assert plain.path == f"/incidents/{incident}"
    assert "Өкше, оң жақта" in await plain.text()
    assert rows(database, "select count(*) from injury where incident_id = %s", incident) == [(2,)]


async def _a_photo(visitors: Visitors, region: Region, incident: str, folder: Path) -> None:
    aigerim = await visitors(region.aigerim)
    page, large, photo = aigerim.page, folder / "large.jpg", folder / "photo.jpg"
    large.write_bytes(bytes(30_000_000))
    photo.write_bytes(files.photo())
    await aigerim.open(f"/incidents/{incident}/files")
    await aigerim.axe()
    await aigerim.keep_picture("aigerim_attach")
    await page.fill("#caption", "Сол жақ білек")
    await page.select_option("#about", "injuries")
    await page.set_input_files("#file", large)
    await aigerim.press(SEND)
    assert "20 МБ" in await page.locator(".govuk-error-summary").inner_text()
    assert await page.input_value("#caption") == "Сол жақ білек"
    await aigerim.axe()
    await page.set_input_files("#file", photo)
    await aigerim.press(SEND)
    assert aigerim.path == f"/incidents/{incident}"
    await aigerim.press("a[href*='/files/']")
    await aigerim.axe()
    await aigerim.keep_picture("aigerim_file")
    async with page.expect_download() as started:
        await page.click("form[action$='/open'] button")
    opened = await started.value
    assert opened.suggested_filename.endswith(".jpg")
    assert b"QorganCam" not in await asyncio.to_thread((await opened.path()).read_bytes)


async def test_s_16_words_that_may_be_names_are_ticked_by_a_person(
    visitors: Visitors, region: Region, browser: Browser
) -> None:
    made = await reported(browser, region, description="Арманға тиісті, арманы бар еді")
    await name(browser, region, made, await student(region, "Оспанов", "Арман"), "victim")
    aigerim = await visitors(region.aigerim)
    await aigerim.open(f"/incidents/{made}/steps/mark")
    await aigerim.press("form[action$='/propose'] button")
    await aigerim.axe()
    await aigerim.keep_picture("aigerim_proposed")
    await aigerim.page.get_by_label("Арманға →").check()
    await aigerim.press("form[action$='/confirm'] button")
    assert aigerim.path.partition("#")[0] == f"/incidents/{made}/steps/mark"
    text = await aigerim.text()
    assert "Арманға" not in text
    assert "арманы бар еді" in text
