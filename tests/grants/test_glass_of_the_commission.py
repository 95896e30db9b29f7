"""The glass at the commission: one referral, two people of the commission, and the school hears (S-36)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from src.platform.kit import clock
from tests.support.clocks import real_time_again
from tests.support.grants import audited, broken, step
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.meetings import gone
from tests.support.people import Person, Region, hire
from tests.support.queue import drain, set_clock
from tests.support.referrals import HELP, managed_case, referred


@pytest.fixture(scope="module")
async def curator(region: Region, database: str) -> AsyncIterator[Person]:
    found = await hire("gulnar", region.organisations["commission"], ("curator",))
    yield found
    gone(database, found)


async def test_s_36_a_curator_opens_one_referral_with_another_and_the_school_hears(
    region: Region, browser: Browser, database: str, curator: Person
) -> None:
    case = await managed_case(browser, region, database)
    sent = await referred(browser, region, case, partner=str(region.organisations["commission"]), **HELP)
    path = sent.headers["location"]
    await drain()
    zhanna, client = await browser(region.zhanna), await browser(curator)
    assert (await zhanna.act(f"{path}/accept", {"version": 1})).status_code == 303
    code = next(one["code"] for one in (await zhanna.get("/referrals")).json()["rows"] if one["id"] == path[-36:])
    assert (await client.get(path)).status_code == 404
    glass = await broken(browser, curator, code)
    assert (await client.get(path)).status_code == 404
    assert (await step(browser, curator, glass, "agree", database=database)).status_code == 409
    assert (await step(browser, region.zhanna, glass, "agree", database=database)).status_code == 303
    assert audited(database, "grant.agreed", glass)[0][0] == region.zhanna.user_id
    assert (await client.get(path)).status_code == 200
    assert (await client.act(f"{path}/accept", {"version": 2})).status_code in (403, 404)
    assert "Referral" in (await zhanna.page(glass)).text or code in (await zhanna.page(glass)).text
    await drain()
    told = set(
        rows(
            database,
            "select membership_id from notification where kind = 'glass_broken' and subject_id = %s",
            path[-36:],
        )
    )
    assert {(one.membership_id,) for one in (region.daulet, region.saule)} <= told
    with real_time_again(database):
        set_clock(database, clock.real_now() + timedelta(hours=13))
        assert (await client.get(path)).status_code == 404
        view = (await zhanna.get(glass)).json()
        assert {"referral.read"} <= {one["action"] for one in view["seen"]}
        assert (await zhanna.act(f"{glass}/review", {"version": view["version"], "text": "Дұрыс"})).status_code == 303


async def test_s_36_a_code_that_nobody_has_waits_and_a_partner_has_no_glass(
    region: Region, browser: Browser, database: str, curator: Person
) -> None:
    in_vain = await broken(browser, curator, "ZZZ")
    assert (await step(browser, region.zhanna, in_vain, "agree", database=database)).status_code == 404
    body = {"record": "ZZZ", "purpose": "danger_now", "reason": "x", "hours": 1}
    assert (await (await browser(region.timur)).act("/glass", body)).status_code == 403
