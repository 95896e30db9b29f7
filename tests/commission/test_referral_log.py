"""The commission's own record of Form J: every row, a code, and a name only with a case of the child (R-152)."""

from collections import Counter
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from src.platform.commission.referral_log import views
from tests.support import logs
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.logs import Referred, confirmed, log_of, seen
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain

CHILD = "Балаа"
ALL = "/referral-log"


@pytest.fixture(scope="module")
async def lived(region: Region, browser: Browser, database: str) -> Referred:
    """November is over and confirmed by the school; the commission has taken the request of one child."""
    sent = await logs.november(region, browser, database)
    done = await confirmed(browser, region.saule, log_of(database, region.saule.tenant_id))
    assert done.status_code == 303, done.text
    zhanna = await browser(region.zhanna)
    opened = await zhanna.act(f"/referrals/{sent.asked}/open", {})
    assert CHILD in opened.text
    assert (await zhanna.act(f"/referrals/{sent.asked}/accept", {"version": 1})).status_code == 303
    await drain()
    return sent


async def listed(browser: Browser, person: Person, query: str = "") -> dict[str, Any]:
    answer = await (await browser(person)).get(f"{ALL}{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def named(browser: Browser, person: Person, **asked: Any) -> dict[str, Any]:
    """The same with a press that shows names."""
    answer = await (await browser(person)).act(f"{ALL}/names", asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_r_152_s_19_the_secretary_sees_every_row_as_a_code_that_leads_nowhere_and_nobody_else_sees_any(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    view = await listed(browser, region.zhanna)
    school = await seen(browser, region.saule, log_of(database, region.saule.tenant_id))
    assert view["total"] == len(view["rows"]) == len(school["rows"])
    told = sorted(
        (row["school"], row["month"], row["support"], row["sent_on"], row["checked_on"]) for row in view["rows"]
    )
    assert told == [("№12 мектеп", 202611, "counselling", "2026-11-24", "2026-12-01")] * 3
    assert Counter(row["service"] for row in view["rows"]) == {"КТІЖК": 1, "«Үміт» ҚҚ": 2}
    codes = [row["code"] for row in view["rows"]]
    assert len(set(codes)) == len(codes)  # two rows of one child cannot be joined
    others = {row["code"] for row in school["rows"]}
    for person in (region.zhanna, region.timur):
        others |= {row["code"] for row in (await (await browser(person)).get("/referrals")).json()["rows"]}
    assert not others & set(codes)
    for person in region.people.values():
        if person is not region.zhanna:
            client = await browser(person)
            assert (await client.get(ALL)).status_code == 403, person.name
            assert (await client.act(f"{ALL}/names", {})).status_code == 403, person.name
    curator = await hire("bota", region.organisations["commission"], ("curator",))
    assert (await (await browser(curator)).get(ALL)).status_code == 403
    read = "select classes from audit_log where action = 'referral_log.listed' limit 1"
    assert rows(database, read) == [(["case-sensitive"],)]


async def test_r_152_the_name_opens_when_the_commission_has_a_case_of_that_child_and_of_no_other(
    region: Region, browser: Browser, database: str, lived: Referred
) -> None:
    curator = await hire("gulnar", region.organisations["commission"], ("curator",))
    zhanna = await browser(region.zhanna)
    before = await zhanna.page(ALL)  # the secretary has read the request, and no row leads to it
    assert CHILD not in before.text
    assert {(row["name"], row["case_id"]) for row in (await listed(browser, region.zhanna))["rows"]} == {(None, None)}
    stored = str(rows(database, "select t::text from referral_log_entry t"))
    known = [str(one) for person in region.people.values() for one in (person.person_id, person.membership_id)]
    assert not any(one in stored for one in [*lived, *known])
    done = await zhanna.act(f"/referrals/{lived.asked}/assessment", {"membership_id": str(curator.membership_id)})
    assert done.status_code == 303, done.text
    told = "select target_tenant, args from outbox where actor = 'referrals.case_opened'"
    assert rows(database, told) == [(region.saule.tenant_id, {"referral": lived.asked})]
    await drain()
    assert dead_or_failed(database) == []
    heard = "select count(*) from audit_log where action = 'referral_log.case_known' and %s = any (record_ids)"
    assert rows(database, heard, lived.asked) == [(1,)]
    assert CHILD not in (await zhanna.page(ALL)).text  # a name takes a press
    view = await named(browser, region.zhanna)
    names = [row["name"] for row in view["rows"]]
    assert view["total"] == len(names)
    assert sum(CHILD in (name or "") for name in names) == 2  # both referrals of the child, and not the other child's
    assert {row["case_id"] for row in view["rows"] if row["name"]} == {lived.asked}
    opened = (
        "select classes from audit_log where action = 'identity.read' and subject_kind = 'referral_log_entry' limit 1"
    )
    assert set(rows(database, opened)[0][0]) == {"identity-victim", "identity-offender"}
    assert (
        await (await browser(region.saule)).get(f"/form-j/{log_of(database, region.saule.tenant_id)}")
    ).status_code == 200

    await _a_correction_keeps_the_names(region, browser, database, lived)


async def _a_correction_keeps_the_names(region: Region, browser: Browser, database: str, lived: Referred) -> None:
    """A month that is confirmed after the case was opened carries the way to it from the beginning."""
    saule, log = await browser(region.saule), log_of(database, region.saule.tenant_id)
    view = await seen(browser, region.saule, log)
    back = {"version": view["version"], "reason": "тексеру"}
    assert (await saule.act(f"/form-j/{log}/reopen", back)).status_code == 303
    before = await listed(browser, region.zhanna)  # the commission keeps the first version until there is a second
    assert before["total"] == 3
    assert (await confirmed(browser, region.saule, log)).status_code == 303
    after = await named(browser, region.zhanna)
    assert (after["total"], sum(bool(row["name"]) for row in after["rows"])) == (3, 2)
    assert {row["id"] for row in after["rows"]}.isdisjoint(row["id"] for row in before["rows"])
    assert {row["code"] for row in after["rows"]} == {row["code"] for row in before["rows"]}


async def test_r_152_the_list_is_narrowed_and_goes_on_page_by_page(
    region: Region, browser: Browser, database: str, lived: Referred, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, umit = region.saule.tenant_id, region.organisations["umit"]
    for query, number in (
        (f"?school={school}", 3),
        (f"?school={region.organisations['school45']}", 0),
        (f"?service={umit}", 2),
        (f"?service={umit}&month=202611&school={school}", 2),
        ("?month=202610", 0),
    ):
        view = await listed(browser, region.zhanna, query)
        assert (view["total"], len(view["rows"])) == (number, number), query
    empty = await (await browser(region.zhanna)).page(f"{ALL}?month=202610")
    assert "Бұған сай келетін жол жоқ" in empty.text
    assert (await (await browser(region.zhanna)).get(f"{ALL}?after=broken")).status_code == 422
    assert (await (await browser(region.zhanna)).get(f"{ALL}?month=x&school=y")).status_code == 422
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    first = await listed(browser, region.zhanna, f"?school={school}")
    second = await listed(browser, region.zhanna, f"?{first['query']}&after={first['after']}")
    pressed = await named(browser, region.zhanna, school=str(school), after=first["after"])
    assert [row["id"] for row in pressed["rows"]] == [row["id"] for row in second["rows"]]
    assert ([len(one["rows"]) for one in (first, second)], second["after"]) == ([2, 1], None)
    assert {one["total"] for one in (first, second)} == {3}
    assert {row["id"] for row in first["rows"]}.isdisjoint(row["id"] for row in second["rows"])


async def test_decision_6_the_commission_changes_no_row_and_the_school_none_that_is_replaced(
    region: Region, database: str, lived: Referred
) -> None:
    commission, school = region.organisations["commission"], region.saule.tenant_id
    attempts = (
        (commission, "update referral_log_entry set checked_on = null"),
        (commission, "delete from referral_log_entry"),
        (commission, "update referral_log_entry set tenant_id = peer_tenant_id"),
        (school, "update referral_log_entry set mark = id"),
        (school, "update referral_log_entry set checked_on = checked_on - 1"),
        (school, "delete from referral_log_entry"),
    )
    for tenant, statement in attempts:
        with pytest.raises(ProgrammingError) as refused:
            async with inside(tenant) as work:
                await work.session.execute(text(statement))
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege), statement
    async with inside(region.organisations["umit"]) as work:
        assert (await work.session.execute(text("select count(*) from referral_log_entry"))).scalar_one() == 0
