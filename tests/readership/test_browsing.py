"""Who opens unusually much outside their own work is told to who may ask who has looked, never to themselves (ADR 39)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.readership import browsing
from src.platform.tenants import service as tenants
from tests.support.clocks import real_time_again
from tests.support.http import Browser
from tests.support.incidents import accuse, act, reported, rows, student
from tests.support.inside import inside
from tests.support.meetings import gone
from tests.support.people import Person, Region, hire
from tests.support.queue import dead_or_failed, drain, set_clock

MOST = 3


@pytest.fixture(autouse=True)
async def few(region: Region) -> AsyncIterator[None]:
    """Three records or three searches are much here."""
    await _settings(region, MOST, MOST)
    yield
    await _settings(region, 20, 30)


async def _settings(region: Region, records: int, searches: int) -> None:
    async with inside(region.daulet.tenant_id) as work:
        await tenants.change_setting(work, "browsing_records", records)
        await tenants.change_setting(work, "browsing_searches", searches)


@pytest.fixture
async def curious(region: Region, browser: Browser, database: str) -> AsyncIterator[Person]:
    """A member of the team who investigates nothing."""
    person = await hire("gulnar", region.daulet.tenant_id, ("social_pedagogue", "team_member"))
    await browser(person)
    yield person
    gone(database, person)


def head(database: str, region: Region) -> int:
    found = rows(database, "select seq from audit_head where tenant_id = %s", region.daulet.tenant_id)
    return int(found[0][0])


async def looked(region: Region, since: int) -> None:
    """An hour is over."""
    async with inside(region.daulet.tenant_id) as work:
        await outbox.emit(work, browsing.LOOK, {"since": since})
    await drain()


async def opened(browser: Browser, by: Person, incidents: list[str]) -> None:
    client = await browser(by)
    for one in incidents:
        assert (await client.get(f"/incidents/{one}")).status_code == 200


def day_of(database: str, person: Person) -> Any:
    query = "select id, records, searches, told_at is not null from browsing_day where user_id = %s"
    found = rows(database, query, person.user_id)
    return found[0] if found else None


def told(database: str, day: UUID) -> set[UUID]:
    query = "select membership_id from notification where kind = 'browsing' and subject_id = %s"
    return {one for (one,) in rows(database, query, day)}


async def test_many_records_outside_the_own_work_are_told_to_who_may_ask_once_a_day(
    region: Region, browser: Browser, database: str, curious: Person
) -> None:
    incidents = [await reported(browser, region) for _ in range(MOST + 1)]
    since = head(database, region)
    await opened(browser, curious, incidents[: MOST - 1])
    await looked(region, since)
    assert day_of(database, curious)[3] is False
    since = head(database, region)
    await opened(browser, curious, incidents[:MOST])  # two of them a second time
    await looked(region, since)
    day, records, _, is_told = day_of(database, curious)
    assert (is_told, {str(one) for one in records}) == (True, set(incidents[:MOST]))
    assert told(database, day) == {region.saule.membership_id}  # the leader may ask of every record
    emitted = rows(
        database, "select count(*) from outbox where actor = %s and args->>'browsing_day' = %s", browsing.TELL, str(day)
    )
    assert emitted == [(1,)]
    noticed = (
        "select actor_id, record_ids, detail from audit_log where action = 'browsing.noticed' and %s = any(record_ids)"
    )
    ((actor, ids, detail),) = rows(database, noticed, day)
    assert (actor, detail, day in ids) == (None, {}, True)
    since = head(database, region)
    await opened(browser, curious, incidents)
    await looked(region, since)
    assert len(day_of(database, curious)[1]) == MOST + 1
    assert told(database, day) == {region.saule.membership_id}
    assert dead_or_failed(database) == []


async def test_the_page_shows_numbers_and_leads_to_the_log_and_is_closed_to_everybody_else(
    region: Region, browser: Browser, database: str, curious: Person
) -> None:
    incidents, since = [await reported(browser, region) for _ in range(MOST)], head(database, region)
    await opened(browser, curious, incidents)
    await looked(region, since)
    day = day_of(database, curious)[0]
    answer = (await (await browser(region.saule)).get(f"/access/browsing/{day}")).json()
    assert answer["name"] == "Ganieva Gulnar"
    assert {one["id"] for one in answer["rows"]} == set(incidents)
    page = await (await browser(region.saule)).page(f"/access/browsing/{day}")
    for one in answer["rows"]:
        assert one["label"].isdigit()
        assert f'href="/access/log/incidents/{one["id"]}"' in page.text
        assert (await (await browser(region.saule)).get(f"/access/log/incidents/{one['id']}")).status_code == 200
    shown = "select record_ids from audit_log where action = 'access.browsing_shown' order by seq desc limit 1"
    assert {str(one) for one in rows(database, shown)[0][0]} == {str(day), *incidents}
    for person in (curious, region.aigerim):  # the colleague, and who is not told as long as the leader is
        answers = [await (await browser(person)).get(f"/access/browsing/{one}") for one in (day, new_id())]
        assert (answers[0].status_code, answers[0].content) == (404, answers[1].content)
    for person in (region.daulet, region.marat, region.erlan, region.asel, region.zhanna):
        assert (await (await browser(person)).get(f"/access/browsing/{day}")).status_code == 403


async def test_a_reader_in_conflict_sees_one_record_less_and_no_number_tells_of_it(
    region: Region, browser: Browser, database: str, curious: Person
) -> None:
    incidents, since = [await reported(browser, region) for _ in range(MOST)], head(database, region)
    await opened(browser, curious, incidents)
    await looked(region, since)
    day, hidden = day_of(database, curious)[0], incidents[0]
    await accuse(region, database, hidden, region.saule)
    answer = await (await browser(region.saule)).get(f"/access/browsing/{day}")
    assert {one["id"] for one in answer.json()["rows"]} == set(incidents[1:])
    assert hidden not in answer.text
    page = await (await browser(region.saule)).page(f"/access/browsing/{day}")
    assert hidden not in page.text


async def test_who_investigates_or_has_done_something_with_a_record_is_at_work(
    region: Region, browser: Browser, database: str, curious: Person
) -> None:
    incidents, since = [await reported(browser, region) for _ in range(MOST + 2)], head(database, region)
    chosen = [str(curious.membership_id)]
    for one in incidents[:2]:
        answer = await act(browser, region.saule, region, one, "screen", investigators=chosen)
        assert answer.status_code == 303, answer.text
    child = await student(region, "Жұмысов", "Бала")
    named = await (await browser(curious)).act(
        f"/incidents/{incidents[2]}/people", {"person_id": child, "involvement": "victim", "kind": "student"}
    )
    assert named.status_code == 303
    await opened(browser, curious, incidents)
    await looked(region, since)
    _, records, _, is_told = day_of(database, curious)
    assert ({str(one) for one in records}, is_told) == (set(incidents[3:]), False)


async def test_lists_do_not_count_and_names_of_many_records_in_one_press_do(
    region: Region, browser: Browser, database: str, curious: Person
) -> None:
    for number in range(MOST):
        incident = await reported(browser, region)
        child = await student(region, f"Тізімов{'абв'[number]}", "Бала")
        answer = await (await browser(region.aigerim)).act(
            f"/incidents/{incident}/people", {"person_id": child, "involvement": "victim", "kind": "student"}
        )
        assert answer.status_code == 303
    since, client = head(database, region), await browser(curious)
    assert (await client.get("/incidents")).status_code == 200
    await looked(region, since)
    assert day_of(database, curious) is None
    since = head(database, region)
    assert (await client.act("/incidents/names")).status_code == 200
    await looked(region, since)
    _, records, _, is_told = day_of(database, curious)
    assert (len(records) >= MOST, is_told) == (True, True)


async def test_many_searches_for_people_are_told_too(region: Region, browser: Browser, database: str) -> None:
    teacher, since = await hire("bota", region.daulet.tenant_id, ("subject_teacher",)), head(database, region)
    client = await browser(teacher)
    for _ in range(MOST):
        assert (await client.act("/people", {"text": "Іздеу"})).status_code == 200
    await looked(region, since)
    day, records, searches, is_told = day_of(database, teacher)
    assert (records, searches, is_told) == ([], MOST, True)
    assert told(database, day) == {region.saule.membership_id}
    page = await (await browser(region.saule)).get(f"/access/browsing/{day}")
    assert (page.json()["searches"], page.json()["rows"], "Іздеу" in page.text) == (MOST, [], False)
    gone(database, teacher)


async def test_the_next_rung_hears_of_the_leader_and_the_commission_is_the_last(
    region: Region, browser: Browser, database: str
) -> None:
    incidents, since = [await reported(browser, region) for _ in range(MOST)], head(database, region)
    await opened(browser, region.saule, incidents)
    await looked(region, since)
    day = day_of(database, region.saule)[0]
    team = {region.aigerim.membership_id, region.gulnar.membership_id}
    heard = told(database, day)
    assert team <= heard
    assert not heard & {region.saule.membership_id, region.daulet.membership_id, region.bota.membership_id}
    assert (await (await browser(region.saule)).get(f"/access/browsing/{day}")).status_code == 404
    assert (await (await browser(region.aigerim)).get(f"/access/browsing/{day}")).status_code == 200
    alone = {"saule", "aigerim", "gulnar"}
    ids = [region.people[one].membership_id for one in alone]
    rows(database, "delete from browsing_day where id = %s returning 1", day)
    rows(
        database,
        "update membership set ended_at = now() where id = any(%s) and id <> %s returning 1",
        ids,
        region.saule.membership_id,
    )
    since = head(database, region)
    await opened(browser, region.saule, incidents)
    await looked(region, since)
    assert told(database, day_of(database, region.saule)[0]) == set()
    alerted = "select detail from audit_log where action = 'commission.alerted' order by seq desc limit 1"
    assert rows(database, alerted) == [({"why": "browsing"},)]
    heard = "select membership_id from notification where kind = 'school_alert.browsing'"
    assert rows(database, heard) == [(region.zhanna.membership_id,)]
    rows(database, "update membership set ended_at = null where id = any(%s) returning 1", ids)


async def test_the_mail_names_nobody_and_goes_to_nobody_who_may_not_ask_any_more(
    region: Region, browser: Browser, database: str, curious: Person
) -> None:
    incidents, since = [await reported(browser, region) for _ in range(MOST)], head(database, region)
    await opened(browser, curious, incidents)
    await looked(region, since)
    day = day_of(database, curious)[0]
    async with inside(region.daulet.tenant_id) as work:
        everybody = await tenants.members(work)
        assert [one.membership_id for one in await browsing.hearing(work, everybody, day)] == [
            region.saule.membership_id
        ]
        await tenants.revoke_role(work, region.saule.membership_id, "team_coordinator")
        now = await browsing.hearing(work, await tenants.members(work), day)
        assert region.saule.membership_id not in {one.membership_id for one in now}
        await tenants.grant_role(work, region.saule.membership_id, "team_coordinator")
    message = await (await browser(region.saule)).page("/messages")
    assert f"/access/browsing/{day}" in message.text
    assert "Ganieva Gulnar" not in message.text.partition("<main")[2]


async def test_it_looks_every_hour_at_what_is_new_and_forgets_days_that_nobody_was_told_of(
    region: Region, browser: Browser, database: str, curious: Person
) -> None:
    await drain()
    waiting = "select (args->>'since')::int from wake_at where actor = %s and tenant_id = %s and at > now() - interval '1 day'"
    incident = await reported(browser, region)
    with real_time_again(database):
        await opened(browser, curious, [incident])
        set_clock(database, clock.real_now() + timedelta(hours=1, minutes=1))
        await drain()
        assert [str(one) for one in day_of(database, curious)[1]] == [incident]
        assert max(one for (one,) in rows(database, waiting, browsing.LOOK, region.daulet.tenant_id)) > 0
        set_clock(database, clock.real_now() + timedelta(hours=50))
        await drain()
        assert day_of(database, curious) is None
