"""The second factor by hand, in Kazakh, on a telephone and on a desk (S-26)."""

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import DESK, PHONE, Visitor, Visitors
from tests.support.people import PASSWORD, Person, Region, hire
from tests.support.second_factor import app_code, wrong_code

pytestmark = pytest.mark.e2e


async def with_password_only(visitors: Visitors, person: Person, *, width: int) -> Visitor:
    visitor = await visitors.stranger(width=width)
    await visitor.open("/sign-in?next=/incidents")
    await visitor.page.fill("#sign_in", person.sign_in)
    await visitor.page.fill("#password", PASSWORD)
    await visitor.press("main button[type=submit]")
    await visitor.axe()
    return visitor


async def enter(visitor: Visitor, code: str) -> None:
    await visitor.page.fill("#code", code)
    await visitor.press("main button[type=submit]")
    await visitor.axe()


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_s_26_a_newcomer_connects_a_phone_prints_codes_and_signs_in_with_either(
    visitors: Visitors, region: Region, width: int
) -> None:
    person = await hire("aigerim", region.organisations["school45"], ("psychologist",))
    visitor = await with_password_only(visitors, person, width=width)
    await visitor.press("main a[href^='/second-factor/app']")
    await visitor.axe()
    assert await visitor.page.locator("main img").evaluate("one => one.naturalWidth > 0")
    secret = await visitor.page.locator(".q-secret").inner_text()
    await enter(visitor, wrong_code(secret))
    assert await visitor.page.locator(".govuk-error-summary").count() == 1
    assert (await visitor.page.input_value("#code"), await visitor.page.locator(".q-secret").inner_text()) == (
        "",
        secret,
    )
    await enter(visitor, app_code(secret))
    codes = await visitor.page.locator(".q-secret").all_inner_texts()
    assert len(codes) == 10
    await expect(visitor.page.locator("[data-print]")).to_be_visible()
    await visitor.page.emulate_media(media="print")
    assert await visitor.page.locator("form, button, nav, .govuk-back-link").locator("visible=true").count() == 0
    await visitor.page.emulate_media(media="screen")
    await enter(visitor, codes[0])
    assert visitor.page.url.endswith("/incidents")
    for code in (app_code(secret, later=1), codes[1]):
        again = await with_password_only(visitors, person, width=width)
        await enter(again, code)
        assert again.page.url.endswith("/incidents")
