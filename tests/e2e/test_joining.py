"""An invitation, from the paper to the first page, on a phone in Kazakh."""

import re

import pytest

from src.platform.kit.ids import new_id
from tests.e2e.visitor import DESK, PHONE, Visitor, Visitors
from tests.support.joining import NEW_PASSWORD
from tests.support.people import Region

pytestmark = pytest.mark.e2e


async def invited(visitors: Visitors, region: Region, *, width: int = PHONE) -> str:
    """The code of an invitation that the director makes on the page."""
    daulet = await visitors(region.daulet, width=width)
    await daulet.open("/members")
    await daulet.press("main a[href='/members/invite']")
    await daulet.press("main button[type=submit]")
    await daulet.axe()
    assert await daulet.page.locator(".govuk-error-summary").count() == 1  # no role was ticked
    await daulet.page.check("input[value=subject_teacher]")
    await daulet.press("main button[type=submit]")
    await daulet.axe()
    return (await daulet.page.locator("#code").inner_text()).strip()


async def filled(visitor: Visitor) -> None:
    page = visitor.page
    await page.check("input[name=account][value=new]")
    for name, said in (("family_name", "Сейітова"), ("given_name", "Ақбота")):
        await page.fill(f"#{name}", said)
    await page.fill("#sign_in", f"aqbota-{new_id().hex[-8:]}@qorgan.test")
    await page.fill("#password", NEW_PASSWORD)


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_the_link_fills_the_code_in_and_leaves_no_trace_in_the_address(
    visitors: Visitors, region: Region, width: int
) -> None:
    code = await invited(visitors, region, width=width)
    newcomer = await visitors.stranger(width=width)
    await newcomer.open(f"/join#{code}")
    await newcomer.axe()
    assert await newcomer.page.input_value("#code") == code
    assert newcomer.page.url.endswith("/join")
    await filled(newcomer)
    await newcomer.press("main button[type=submit]")
    await newcomer.axe()
    assert re.search(r":\d+/$", newcomer.page.url)
    again = await visitors.stranger(width=width)
    await again.open("/join")
    await again.page.fill("#code", code)
    await filled(again)
    await again.press("main button[type=submit]")
    await again.axe()
    assert "Бұл код ешкімді кіргізбейді" in await again.text()
    assert await again.page.input_value("#family_name") == "Сейітова"
    assert await again.page.input_value("#password") == ""


async def test_a_code_is_typed_without_script(visitors: Visitors, region: Region) -> None:
    code = await invited(visitors, region)
    newcomer = await visitors.stranger(script=False)
    await newcomer.open("/join")
    await newcomer.page.fill("#code", code.lower().replace("-", " "))
    await filled(newcomer)
    await newcomer.press("main button[type=submit]")
    assert re.search(r":\d+/$", newcomer.page.url)
