"""Lists of terms and the calendar of a person: only what the reader may read appears, counts or is fetched."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from src.platform.deadlines import feed, obligations
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.ids import new_id
from tests.support.clocks import NO, clock_id
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.people import Person, Region
from tests.support.queue import set_clock


@pytest.fixture(autouse=True)
def real_time_afterwards(database: str) -> Iterator[None]:
    yield
    set_clock(database, datetime.now(LOCAL_ZONE))


async def listed(browser: Browser, person: Person, query: str = "") -> Any:
    answer = await (await browser(person)).get(f"/obligations{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def subjects(found: Any) -> set[str]:
    return {one["subject_id"] for one in found["rows"]}


async def test_s_17_lists_are_chosen_by_role_and_hold_only_what_the_reader_may_read(
    browser: Browser, region: Region, database: str
) -> None:
    plain = await reported(browser, region, **NO)
    hidden = await reported(browser, region, **NO)
    await name(browser, region, hidden, str(region.gulnar.person_id), "alleged_offender", "employee")
    investigated = await reported(browser, region, **NO)
    chosen = [str(region.aigerim.membership_id)]
    assert (await act(browser, region.saule, region, investigated, "screen", investigators=chosen)).status_code == 303
    assert (await act(browser, region.aigerim, region, investigated, "start")).status_code == 303
    scopes = {
        who: (await listed(browser, getattr(region, who)))["scopes"] for who in ("saule", "gulnar", "marat", "timur")
    }
    assert scopes == {
        "saule": ["mine", "team", "all"],
        "gulnar": ["mine", "team"],
        "marat": ["mine"],
        "timur": ["mine", "all"],
    }
    assert {plain, hidden} <= subjects(await listed(browser, region.saule))  # nobody's yet, and her role owes them
    assert subjects(await listed(browser, region.aigerim)) == {investigated}
    team = subjects(await listed(browser, region.gulnar, "?whose=team"))
    assert {plain, investigated} <= team
    assert hidden not in team
    assert subjects(await listed(browser, region.marat)) == set()
    for who, query in ((region.marat, "?whose=team"), (region.gulnar, "?whose=all"), (region.kamila, "?whose=all")):
        assert (await (await browser(who)).get(f"/obligations{query}")).status_code == 403
    for query in ("?whose=nobody", "?colour=red", "?code=clk_psych_contact", "?state=secret", "?after=%21%21"):
        refused = await (await browser(region.saule)).page(f"/obligations{query}")
        assert refused.status_code == 422, query
        assert "psych" not in refused.text
    only = await listed(browser, region.saule, "?whose=all&code=clk_investigation&kind=incident")
    assert (subjects(only), only["narrowed"]) == ({investigated}, True)
    done = await listed(browser, region.saule, "?whose=all&state=done")
    assert {one["code"] for one in done["rows"]} == {"clk_screen_standard"}
    noted = "select record_ids from audit_log where action = 'clock.listed' and actor_id = %s order by seq desc limit 1"
    shown = {UUID(one["id"]) for one in done["rows"]}
    assert set(rows(database, noted, region.saule.user_id)[0][0]) == shown
    page = (await (await browser(region.marat)).page("/obligations")).text
    assert "Сіз көре алатын мерзім жоқ" in page
    page = (await (await browser(region.marat)).page("/obligations?state=overdue")).text
    assert "сүзгіге сай келмейді" in page
    page = (await (await browser(region.saule)).page("/obligations?whose=all")).text
    assert f"/clocks/{clock_id(database, plain, 'clk_screen_standard')}" in page


async def test_pages_follow_each_other_without_a_gap_and_cost_the_same(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await reported(browser, region, **NO)
    monkeypatch.setattr(obligations, "PAGE_SIZE", 2)
    whole, after, pages = list[str](), "", 0
    while True:
        found = await listed(browser, region.daulet, f"?whose=all{after}")
        whole += [one["id"] for one in found["rows"]]
        pages += 1
        if found["after"] is None:
            break
        assert len(found["rows"]) == 2
        after = f"&after={found['after']}"
    assert pages > 1
    assert len(whole) == len(set(whole))
    monkeypatch.undo()
    assert whole == [one["id"] for one in (await listed(browser, region.daulet, "?whose=all"))["rows"]]


async def fetched(browser: Browser, address: str) -> Any:
    visitor = browser.visitor()
    return await visitor.get(address.partition("qorgan.test")[2] or address)


def events(text: str) -> list[dict[str, str]]:
    """What a calendar application reads: unfolded lines, one mapping an event."""
    lines = text.replace("\r\n ", "").split("\r\n")
    found = list[dict[str, str]]()
    for line in lines:
        key, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and key != "END":
            found[-1][key] = value
    return found


async def test_a_calendar_has_numbers_and_days_under_an_address_that_can_be_revoked(
    browser: Browser, region: Region, database: str
) -> None:
    incident, other = await reported(browser, region, **NO), await reported(browser, region, **NO)
    child = await student(region, "Қанатбеков", "Арман")
    assert (await name(browser, region, incident, child, "victim")).status_code == 303
    saule = await browser(region.saule)
    for person in (region.alua, region.kamila):
        assert (await (await browser(person)).act("/calendar")).status_code == 403
    made = (await saule.act("/calendar")).json()
    address = made["address"][made["address"].index("/calendar/") :]
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    assert len(token) == 64
    answer = await fetched(browser, address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))
    found = {one["URL"].rpartition("/")[2]: one for one in events(answer.text)}
    clock = clock_id(database, incident, "clk_screen_standard")
    number = rows(database, "select number from incident where id = %s", incident)[0][0]
    assert number in found[clock]["SUMMARY"]
    due = rows(database, "select due_at at time zone 'utc' from obligation where id = %s", clock)[0][0]
    assert found[clock]["DTSTART"] == f"{due:%Y%m%dT%H%M%SZ}"
    for hidden in ("Қанатбеков", "Арман", "Saparova", "clk_", child):
        assert hidden not in answer.text
    stored = str(rows(database, "select f::text, c::text from calendar_feed f, calendar_feed_code c"))
    assert token not in stored
    audits = "select action from audit_log where actor_id = %s and action like 'feed.%%' order by seq"
    assert rows(database, audits, region.saule.user_id) == [("feed.made",), ("feed.read",)]
    await name(browser, region, other, str(region.saule.person_id), "alleged_offender", "employee")
    assert other not in str(events((await fetched(browser, address)).text))
    assert clock_id(database, other, "clk_screen_standard") not in (await fetched(browser, address)).text
    page = await saule.page("/calendar")
    assert token not in page.text  # shown once
    second = (await saule.act("/calendar")).json()["address"]
    wrong = [await fetched(browser, one) for one in (address, f"/calendar/{new_id().hex}.ics", "/calendar/x")]
    assert {one.status_code for one in wrong} == {404}
    assert len({one.content for one in wrong}) == 1
    assert (await fetched(browser, second[second.index("/calendar/") :])).status_code == 200
    assert (await saule.act("/calendar/revoke")).status_code == 303
    assert (await fetched(browser, second[second.index("/calendar/") :])).content == wrong[0].content
    assert (await saule.act("/calendar/revoke")).status_code == 404


async def test_s_28_a_calendar_is_throttled_and_ends_with_its_person(
    browser: Browser, region: Region, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "USES_AN_HOUR", 3)
    made = (await (await browser(region.bota)).act("/calendar")).json()["address"]
    path = made[made.index("/calendar/") :]
    answers = [await fetched(browser, path) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert answers[0].text.startswith("BEGIN:VCALENDAR\r\n")
    with psycopg.connect(database) as admin:
        past = datetime.now(LOCAL_ZONE) - timedelta(hours=2)
        admin.execute(
            "update calendar_feed set used_hour = %s where membership_id = %s", (past, region.bota.membership_id)
        )
    assert (await fetched(browser, path)).status_code == 200
    daulet = await browser(region.daulet)
    version = (await daulet.get(f"/members/{region.bota.membership_id}")).json()["version"]
    assert (await daulet.act(f"/members/{region.bota.membership_id}/end", {"version": version})).status_code == 303
    gone, wrong = await fetched(browser, path), await fetched(browser, f"/calendar/{new_id().hex}.ics")
    assert (gone.status_code, gone.content) == (404, wrong.content)
