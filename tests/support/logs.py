"""A November in which children are referred, and steps that the tests of Form J need."""

from datetime import datetime
from typing import Any, NamedTuple

from src.platform.kit.clock import LOCAL_ZONE
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.months import FIRST_OF_DECEMBER
from tests.support.people import Person, Region
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.referrals import HELP, agreed, managed_case, referred

LATE_IN_NOVEMBER = datetime(2026, 11, 24, 10, tzinfo=LOCAL_ZONE)


class Referred(NamedTuple):
    """Referrals of November by what they are; `helped` and `asked` are of one child, `other` of another."""

    helped: str
    asked: str
    other: str
    recalled: str
    other_case: str


async def november(region: Region, browser: Browser, database: str) -> Referred:
    """Two children are referred, one of them twice; one referral is taken back; December begins."""
    set_clock(database, LATE_IN_NOVEMBER)
    await drain()
    await agreed(browser, region)
    commission = str(region.organisations["commission"])
    first, second = [await managed_case(browser, region, database) for _ in range(2)]
    sent = [
        await referred(browser, region, first),
        await referred(browser, region, first, partner=commission, **HELP),
        await referred(browser, region, second),
        await referred(browser, region, second, partner=commission, **HELP),
    ]
    assert [one.status_code for one in sent] == [303] * 4, [one.text for one in sent]
    helped, asked, other, recalled = [one.headers["location"][-36:] for one in sent]
    back = await (await browser(region.saule)).act(f"/referrals/{recalled}/recall", {"version": 1})
    assert back.status_code == 303, back.text
    set_clock(database, FIRST_OF_DECEMBER)
    await drain()
    assert dead_or_failed(database) == []
    return Referred(helped, asked, other, recalled, second)


def log_of(database: str, tenant: Any) -> str:
    return str(rows(database, "select id from form_j_month where tenant_id = %s", tenant)[0][0])


async def seen(browser: Browser, person: Person, log: str, query: str = "") -> dict[str, Any]:
    answer = await (await browser(person)).get(f"/form-j/{log}{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def referrals_of(view: dict[str, Any]) -> set[str]:
    return {row["referral_id"] for row in view["rows"]}


async def confirmed(browser: Browser, person: Person, log: str, **changed: Any) -> Any:
    view = await seen(browser, person, log)
    body = {"version": view["version"], "seen": view["seen"], "checked": True, **changed}
    return await (await browser(person)).act(f"/form-j/{log}/confirm", body)
