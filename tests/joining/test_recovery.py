"""A second factor that was lost: two people, never the person, one organisation or the operator beside it (S-26)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from src.platform.accounts import service as accounts
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.tenants import service as tenants
from tests.support.clocks import real_time_again
from tests.support.http import PRINTED, Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.joining import audited
from tests.support.meetings import gone
from tests.support.people import PASSWORD, Person, Region, hire
from tests.support.queue import dead_or_failed, drain, set_clock
from tests.support.second_factor import half_way

REASON = "Телефоны ұрланды, кодтар да сөмкеде еді"


@pytest.fixture
async def other_head(region: Region, database: str) -> Any:
    """School 45 has two heads; `erlan` has lost everything."""
    first = await hire("daulet", region.organisations["school45"], ("school_director",))
    second = await hire("saule", region.organisations["school45"], ("school_director",))
    yield first, second
    gone(database, first, second)


@pytest.fixture
async def loser(region: Region, browser: Browser, database: str) -> Any:
    """A psychologist with printed codes and an open session."""
    person = await hire("aigerim", region.organisations["school45"], ("psychologist",))
    await browser(person)
    yield person
    gone(database, person)


async def start(browser: Browser, by: Person, whose: Person) -> httpx.Response:
    return await proved(browser, by, f"/members/{whose.membership_id}/recovery", {"reason": REASON})


async def proved(browser: Browser, by: Person, path: str, body: dict[str, Any]) -> httpx.Response:
    """As somebody who has given a second factor, whatever their role asks for."""
    client = await browser(by)
    if not (await client.get("/second-factor")).json()["set_up"]:
        await browser.proved(client, by.sign_in)
    return await client.act(path, body)


async def step(browser: Browser, by: Person, path: str, verb: str, version: int = 1) -> httpx.Response:
    return await proved(browser, by, f"{path}/{verb}", {"version": version})


def codes_of(database: str, person: Person) -> tuple[int, int]:
    """(living printed codes, sessions)."""
    codes = rows(database, "select count(*) from recovery_code where user_id = %s", person.user_id)
    sessions = rows(database, "select count(*) from user_session where user_id = %s", person.user_id)
    return codes[0][0], sessions[0][0]


def told(database: str, person: Person, about: str | UUID | None = None) -> list[str]:
    """What somebody was told of a recovery, or as its owner."""
    query = (
        "select kind from notification where membership_id = %s and subject_id = %s and kind like 'recovery%%' "
        "order by created_at, id"
    )
    return [kind for (kind,) in rows(database, query, person.membership_id, about or person.user_id)]


def asked(database: str, recovery: str | UUID) -> set[str]:
    """Which actors were asked to do something about it."""
    query = "select distinct actor from outbox where args->>'recovery' = %s"
    return {actor for (actor,) in rows(database, query, str(recovery))}


async def test_s_26_two_heads_void_a_lost_factor_and_the_person_sets_up_a_new_one_with_the_password(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    first, second = other_head
    started = await start(browser, first, loser)
    assert started.status_code == 303, started.text
    path = started.headers["location"]
    recovery = path.rpartition("/")[2]
    assert audited(database, "recovery.started", recovery) == 1
    assert codes_of(database, loser) == (10, 1)  # nothing ends before the second person
    await drain()
    assert told(database, loser) == ["recovery_started"]
    assert told(database, second, recovery) == ["recovery_waits"]
    assert told(database, first, recovery) == []
    assert path in (await (await browser(second)).page("/members")).text
    page = await (await browser(second)).page(path)
    assert REASON in page.text
    assert f'action="{path}/confirm"' in page.text
    assert f'action="{path}/confirm"' not in (await (await browser(first)).page(path)).text
    old = PRINTED[loser.sign_in][-1]
    assert (await step(browser, second, path, "confirm")).status_code == 303
    assert codes_of(database, loser) == (0, 0)
    assert audited(database, "recovery.confirmed", recovery) == 1
    assert audited(database, "account.second_factor_void", loser.user_id) == 1
    assert (await (await browser(loser)).get("/messages")).status_code == 401
    await drain()
    assert dead_or_failed(database) == []
    assert told(database, loser) == ["recovery_started", "recovery_confirmed"]
    again = await half_way(browser, loser)
    assert (await again.act("/second-factor", {"code": old})).status_code == 422
    assert (await again.get("/second-factor")).json()["set_up"] is False
    PRINTED.pop(loser.sign_in)
    assert (await (await browser.proved(again, loser.sign_in)).get("/messages")).status_code == 200
    assert codes_of(database, loser)[0] == 10


async def test_s_26_an_application_is_void_too_and_a_wrong_password_opens_no_new_one(
    browser: Browser, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    rows(database, "update users set totp_sealed = 'x', totp_last_step = 7 where id = %s returning id", loser.user_id)
    path = (await start(browser, other_head[0], loser)).headers["location"]
    assert (await step(browser, other_head[1], path, "confirm")).status_code == 303
    assert rows(database, "select totp_sealed, totp_last_step from users where id = %s", loser.user_id) == [
        (None, None)
    ]
    thief = browser.visitor()
    answer = await thief.post("/sign-in", json={"sign_in": loser.sign_in, "password": f"{PASSWORD}!"})
    assert (answer.status_code, answer.json()["code"]) == (422, "account.wrong_sign_in")


async def test_s_26_who_started_it_and_whose_it_is_confirm_nothing_whatever_account_they_use(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    first, second = other_head
    async with inside(first.tenant_id) as work:
        await tenants.grant_role(work, loser.membership_id, "school_director")
        sign_in = f"second-{new_id().hex[-6:]}@qorgan.test"
        user = await accounts.create_user(work, sign_in, PASSWORD)
        membership = await tenants.add_member(work, user, first.person_id, ("school_director",))
    twin = replace(first, sign_in=sign_in, user_id=user, membership_id=membership)
    own = await start(browser, loser, loser)
    assert (own.status_code, own.json()["code"]) == (409, "recovery.own")
    path = (await start(browser, first, loser)).headers["location"]
    recovery = path.rpartition("/")[2]
    before = asked(database, recovery)
    for person, code in ((first, "two_people"), (twin, "two_people"), (loser, "own")):
        refused = await step(browser, person, path, "confirm")
        assert (refused.status_code, refused.json()["code"]) == (409, f"recovery.{code}"), person.name
    assert codes_of(database, loser)[0] == 10
    assert audited(database, "recovery.confirmed", recovery) == 0
    assert asked(database, recovery) == before
    assert (await step(browser, second, path, "confirm")).status_code == 303
    gone(database, twin)


async def test_s_26_another_organisation_a_colleague_and_an_unknown_id_answer_alike(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    foreign = await start(browser, region.daulet, loser)
    unknown = await start(browser, region.daulet, replace(loser, membership_id=new_id()))
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert (await start(browser, region.marat, loser)).status_code == 403
    path = (await start(browser, other_head[0], loser)).headers["location"]
    nowhere = f"/recoveries/{new_id()}"
    for person in (region.daulet, region.oleg, region.zhanna):
        answers = [await step(browser, person, one, "confirm") for one in (path, nowhere)]
        assert (answers[0].status_code, answers[0].content) == (404, answers[1].content), person.name
        assert (await (await browser(person)).get(path)).status_code == 404
    assert (await step(browser, loser, path, "confirm")).status_code == 403
    denied = "select count(*) from audit_log where action = 'access.denied' and actor_id = %s"
    assert rows(database, denied, loser.user_id)[0][0] >= 1
    assert codes_of(database, loser)[0] == 10


async def test_s_26_over_withdrawn_or_changed_meanwhile_it_voids_nothing(
    browser: Browser, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    first, second = other_head
    path = (await start(browser, first, loser)).headers["location"]
    double = await start(browser, second, loser)
    assert (double.status_code, double.json()["code"]) == (409, "recovery.already_started")
    stale = await step(browser, second, path, "confirm", version=7)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (await step(browser, second, path, "withdraw")).status_code == 303
    late = await step(browser, second, path, "confirm", version=2)
    assert (late.status_code, late.json()["code"]) == (409, "recovery.over")
    assert audited(database, "recovery.withdrawn", path.rpartition("/")[2]) == 1
    path = (await start(browser, first, loser)).headers["location"]
    with real_time_again(database):
        set_clock(database, clock.real_now() + timedelta(hours=24, minutes=1))
        late = await step(browser, second, path, "confirm")
        assert (late.status_code, late.json()["code"]) == (409, "recovery.over")
        assert (await (await browser(second)).get(path)).json()["state"] == "expired"
    with pytest.raises(Exception, match="decided once"):
        done = "update second_factor_recovery set confirmed_at = null where id = %s returning 1"
        voided = (await step(browser, second, path, "confirm")).headers["location"]
        rows(database, done, voided.rpartition("/")[2])


async def test_s_26_of_two_who_confirm_at_once_one_does(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    third = await hire("gulnar", region.organisations["school45"], ("school_director",))
    path = (await start(browser, other_head[0], loser)).headers["location"]
    for person in (other_head[1], third):
        await browser(person)
    answers = await asyncio.gather(*(step(browser, one, path, "confirm") for one in (other_head[1], third)))
    assert sorted(one.status_code for one in answers) == [303, 409]
    assert audited(database, "account.second_factor_void", loser.user_id) == 1
    gone(database, third)


async def test_s_26_whoever_holds_it_after_all_stops_it_and_nobody_else_can(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    path = (await start(browser, other_head[0], loser)).headers["location"]
    recovery, client = path.rpartition("/")[2], await browser(loser)
    page = await client.page("/second-factor/lost")
    assert f'action="/second-factor/lost/{recovery}"' in page.text
    other = await (await browser(region.marat)).act(f"/second-factor/lost/{recovery}", {"version": 1})
    unknown = await (await browser(region.marat)).act(f"/second-factor/lost/{new_id()}", {"version": 1})
    assert (other.status_code, other.content) == (404, unknown.content)
    assert (await other_than_owner(browser, other_head[1], recovery)).status_code == 404
    half = await half_way(browser, loser)
    assert (await half.act(f"/second-factor/lost/{recovery}", {"version": 1})).status_code == 401
    assert (await client.act(f"/second-factor/lost/{recovery}", {"version": 1})).status_code == 303
    assert audited(database, "recovery.withdrawn", recovery) == 1
    assert (await step(browser, other_head[1], path, "confirm", version=2)).status_code == 409
    assert codes_of(database, loser)[0] == 10


async def other_than_owner(browser: Browser, person: Person, recovery: str) -> httpx.Response:
    return await (await browser(person)).act(f"/second-factor/lost/{recovery}", {"version": 1})


async def test_s_26_where_one_head_is_left_the_operator_is_the_second_and_reads_neither_name_nor_reason(
    browser: Browser, region: Region, database: str
) -> None:
    aigerim = await hire("aigerim", region.organisations["school12"], ("psychologist",))
    await browser(aigerim)
    path = (await start(browser, region.daulet, aigerim)).headers["location"]
    recovery = path.rpartition("/")[2]
    assert (await step(browser, region.daulet, path, "confirm")).status_code == 409
    await drain()
    assert told(database, region.oleg, recovery) == ["recovery_waits"]
    seen = await (await browser(region.oleg)).get(path)
    assert (seen.json()["name"], seen.json()["reason"], seen.json()["started_by"]) == ("", "", "")
    assert seen.json()["organisation"] == "№12 мектеп"
    assert not any(word in seen.text for word in (REASON, "Akhmetova", "Dauletov"))
    assert path in (await (await browser(region.oleg)).page("/members")).text
    assert (await step(browser, region.oleg, path, "confirm")).status_code == 303
    assert codes_of(database, aigerim) == (0, 0)
    await drain()
    chains = "select tenant_id from audit_log where action = 'recovery.confirmed' and %s = any(record_ids)"
    assert {one for (one,) in rows(database, chains, recovery)} == {region.operator, region.daulet.tenant_id}
    assert told(database, aigerim) == ["recovery_started", "recovery_confirmed"]
    gone(database, aigerim)


async def test_s_26_for_an_only_head_two_of_the_operator_do_it_and_for_no_other_organisation(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person]
) -> None:
    gone(database, other_head[1])
    head, where = other_head[0], region.organisations["school45"]
    await browser(head)
    alone = await proved(browser, region.oleg, f"/organisations/{where}/recovery", {"reason": REASON})
    assert (alone.status_code, alone.json()["code"]) == (409, "recovery.nobody_to_confirm")
    second = await hire("asel", region.operator, ("region_operator",))
    await browser(second)
    assert (await (await browser(second)).page(f"/organisations/{where}/recovery")).status_code == 200
    path = (await proved(browser, region.oleg, f"/organisations/{where}/recovery", {"reason": REASON})).headers[
        "location"
    ]
    assert (await step(browser, region.oleg, path, "confirm")).status_code == 409
    third = await hire("gulnar", where, ("school_director",))
    late = await step(browser, second, path, "confirm")
    assert (late.status_code, late.json()["code"]) == (409, "recovery.not_only_head")
    gone(database, third)
    assert (await step(browser, second, path, "confirm")).status_code == 303
    assert codes_of(database, head) == (0, 0)
    await drain()
    assert dead_or_failed(database) == []
    chains = "select distinct tenant_id from audit_log where action = 'recovery.confirmed' and %s = any(record_ids)"
    assert {one for (one,) in rows(database, chains, path.rpartition("/")[2])} == {region.operator, where}
    gone(database, second)


async def test_s_26_with_two_heads_the_operator_has_no_way(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person]
) -> None:
    second, where = await hire("asel", region.operator, ("region_operator",)), region.organisations["school45"]
    count = "select count(*) from second_factor_recovery where tenant_id = %s"
    before = rows(database, count, region.operator)
    refused = await proved(browser, region.oleg, f"/organisations/{where}/recovery", {"reason": REASON})
    assert (refused.status_code, refused.json()["code"]) == (409, "recovery.not_only_head")
    for person in (other_head[0], region.daulet):
        answer = await proved(browser, person, f"/organisations/{where}/recovery", {"reason": REASON})
        assert answer.status_code == 403
    assert rows(database, count, region.operator) == before
    gone(database, second)


async def test_s_26_nobody_takes_a_factor_away_with_a_password_alone(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    path = (await start(browser, other_head[0], loser)).headers["location"]
    client = await browser(other_head[1])
    forget = "update user_session set second_factor_at = null where user_id = %s returning 1"
    rows(database, forget, other_head[1].user_id)
    assert (await client.act(f"{path}/confirm", {"version": 1})).status_code == 401
    assert codes_of(database, loser)[0] == 10
    rows(
        database,
        "update user_session set second_factor_at = now() where user_id = %s returning 1",
        other_head[1].user_id,
    )


async def test_s_26_who_leaves_or_heads_no_more_leaves_nothing_that_could_be_confirmed(
    browser: Browser, region: Region, database: str, other_head: tuple[Person, Person], loser: Person
) -> None:
    first, second = other_head
    third = await hire("gulnar", region.organisations["school45"], ("school_director",))
    path = (await start(browser, first, loser)).headers["location"]
    client = await browser(third)
    version = (await client.get(f"/members/{first.membership_id}")).json()["version"]
    answer = await client.act(
        f"/members/{first.membership_id}/roles", {"version": version, "roles": ["subject_teacher"]}
    )
    assert answer.status_code == 303, answer.text
    late = await step(browser, second, path, "confirm", version=2)
    assert (late.status_code, late.json()["code"]) == (409, "recovery.over")
    assert audited(database, "recovery.withdrawn", path.rpartition("/")[2]) == 1
    gone(database, third)


async def test_a_teacher_without_a_factor_has_lost_none(
    browser: Browser, region: Region, other_head: tuple[Person, Person]
) -> None:
    refused = await start(browser, other_head[0], region.erlan)
    assert (refused.status_code, refused.json()["code"]) == (409, "recovery.nothing_lost")
    form = await (await browser(other_head[0])).act(
        f"/members/{region.erlan.membership_id}/recovery", {"reason": ""}, html=True
    )
    assert form.status_code == 422
