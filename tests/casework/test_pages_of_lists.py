"""Lists of cases and referrals go on behind their first page, with what was asked kept."""

from typing import Any

import pytest

from tests.support.http import Browser
from tests.support.incidents import classified
from tests.support.people import Person, Region
from tests.support.queue import drain
from tests.support.referrals import agreed, referred


@pytest.fixture(scope="module")
async def cases(region: Region, browser: Browser, database: str) -> list[str]:
    """Four cases, the first of them with a manager and three referrals."""
    for _ in range(2):
        await classified(browser, region, {"victim": "at_risk", "alleged_offender": "high_risk"})
    await drain()
    saule = await browser(region.saule)
    found = [row["id"] for row in (await saule.get("/cases")).json()["rows"]]
    manager = {"version": 1, "manager": str(region.aigerim.membership_id)}
    assert (await saule.act(f"/cases/{found[0]}/manager", manager)).status_code == 303
    await agreed(browser, region, fields=("given_name",))
    for _ in range(3):
        assert (await referred(browser, region, found[0])).status_code == 303
    await drain()
    return found


async def every(browser: Browser, person: Person, path: str, query: str = "") -> list[dict[str, Any]]:
    client, found, after = await browser(person), [], ""
    for _page in range(20):
        answer = await client.get(f"{path}?{query}{after}")
        assert answer.status_code == 200, answer.text
        found += answer.json()["rows"]
        if answer.json()["after"] is None:
            return found
        after = f"&after={answer.json()['after']}"
    raise AssertionError


async def test_pages_of_cases_follow_each_other(
    region: Region, browser: Browser, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await every(browser, region.saule, "/cases")
    monkeypatch.setattr("src.platform.casework.service.PAGE_SIZE", 1)
    assert await every(browser, region.saule, "/cases") == whole
    assert [one["id"] for one in whole] == cases
    for state in ("opened", "active"):
        found = await every(browser, region.saule, "/cases", f"state={state}")
        assert found == [one for one in whole if one["state"] == state]
    page = (await (await browser(region.saule)).page("/cases?state=opened")).text
    assert 'href="/cases?state=opened&amp;after=' in page


async def test_pages_of_referrals_follow_each_other_on_both_sides(
    region: Region, browser: Browser, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (region.saule, region.timur):
        monkeypatch.setattr("src.platform.referrals.views.PAGE_SIZE", 50)
        whole = await every(browser, person, "/referrals")
        monkeypatch.setattr("src.platform.referrals.views.PAGE_SIZE", 1)
        assert await every(browser, person, "/referrals") == whole
        assert len(whole) == 3
        running = [one for one in whole if one["clock"] and one["clock"]["state"] == "open"]
        assert await every(browser, person, "/referrals", "state=sent&clock=open") == running
        assert await every(browser, person, "/referrals", "state=completed") == []


async def test_s_17_a_list_is_not_asked_about_what_it_does_not_show(
    region: Region, browser: Browser, cases: list[str]
) -> None:
    saule = await browser(region.saule)
    for asked in ("/cases?name=x", "/cases?state=x", "/cases?after=@", "/referrals?child=x", "/referrals?clock=x"):
        assert (await saule.get(asked)).status_code == 422, asked
    empty = await saule.page("/referrals?state=completed")
    assert 'href="/referrals"' in empty.text
