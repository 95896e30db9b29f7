"""How long a session lives, that nothing brings an ended one back, and that a blocked person is nobody (S-23, S-24, S-27)."""

import asyncio
from dataclasses import replace

import psycopg
import pytest

from src.platform.accounts import repository, tokens
from src.platform.accounts.session_cookie import NAME
from src.platform.db.binding import Platform
from src.platform.db.unit import unit
from tests.support.http import Browser, Client
from tests.support.incidents import rows
from tests.support.people import PASSWORD, Person, Region, hire

ROUNDS = 20
_WAITS = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def carrying(browser: Browser, person: Person) -> tuple[Client, bytes]:
    """A browser with a session that was opened behind its back, and what the database knows of it."""
    token, client = tokens.new_token(), browser.visitor()
    hashed, csrf = tokens.token_hash(token), tokens.new_csrf()
    async with unit(Platform()) as work:
        await repository.open_session(work, hashed, person.user_id, person.tenant_id, csrf)
    client.cookies.set(NAME, token)
    client.csrf = csrf.hex()
    return client, hashed


@pytest.mark.parametrize(
    ("column", "living", "dead"),
    [("seen_at", "29 minutes", "31 minutes"), ("created_at", "11 hours 59 minutes", "12 hours 1 minute")],
)
async def test_s_24_a_session_ends_half_an_hour_after_its_last_use_and_after_twelve_hours_anyway(
    browser: Browser, region: Region, database: str, column: str, living: str, dead: str
) -> None:
    client, hashed = await carrying(browser, region.marat)
    answers = []
    with psycopg.connect(database, autocommit=True) as admin:
        for age in (living, dead):
            admin.execute(
                f"update user_session set {column} = clock_timestamp() - interval '{age}' where token_hash = %s",  # type: ignore[call-overload]  # noqa: S608
                (hashed,),
            )
            answers.append((await client.get("/")).status_code)
    assert answers == [200, 401]


async def test_s_23_a_request_that_is_under_way_brings_no_session_back(
    browser: Browser, region: Region, database: str
) -> None:
    for _ in range(ROUNDS):
        client, hashed = await carrying(browser, region.marat)
        with psycopg.connect(database, autocommit=True) as admin:  # so old that every request writes that it is used
            admin.execute(
                "update user_session set seen_at = seen_at - interval '5 minutes' where token_hash = %s", (hashed,)
            )
        *_, out = await asyncio.gather(*(client.get("/") for _ in range(3)), client.act("/sign-out"))
        assert out.status_code == 303
        thief = browser.visitor()
        thief.cookies.set(NAME, client.cookies.get(NAME) or "")
        with psycopg.connect(database) as admin:
            assert admin.execute("select from user_session where token_hash = %s", (hashed,)).fetchone() is None


async def test_s_27_a_blocked_person_answers_like_one_whom_nobody_knows(
    browser: Browser, region: Region, database: str
) -> None:
    blocked = await hire("marat", region.organisations["school12"], ("subject_teacher",))
    client, _ = await carrying(browser, blocked)
    assert (await client.get("/")).status_code == 200
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("update users set blocked_at = clock_timestamp() where id = %s", (blocked.user_id,))
    assert (await client.get("/")).status_code == 401  # at once, in the session that was open
    nobody = replace(blocked, sign_in="nobody-at-all@qorgan.test")
    answers = [
        await browser.visitor().post("/sign-in", json={"sign_in": one.sign_in, "password": PASSWORD})
        for one in (blocked, nobody)
    ]
    assert answers[0].status_code == answers[1].status_code == 422
    assert answers[0].content == answers[1].content
    assert {name for one in answers for name in one.cookies} == set()


async def test_s_23_a_person_sees_where_they_are_signed_in_and_ends_everything_else(
    browser: Browser, region: Region, database: str
) -> None:
    person = await hire("marat", region.organisations["school12"], ("subject_teacher",))
    here, left_open, stranger = [await browser.fresh(one) for one in (person, person, region.marat)]
    _, forgotten = await carrying(browser, person)
    with psycopg.connect(database, autocommit=True) as admin:
        old = "update user_session set seen_at = clock_timestamp() - interval '31 minutes' where token_hash = %s"
        admin.execute(old, (forgotten,))
    assert [one["is_here"] for one in (await here.get("/account")).json()["sessions"]] == [True, False]
    page = (await here.page("/account")).text
    assert "Барлық басқа жерде шығу" in page
    assert here.cookies[NAME] not in page
    ended = await here.act("/account/sessions/end", {}, html=True)
    assert (ended.status_code, ended.headers["location"]) == (303, "/account?ended=true")
    assert [(await one.get("/")).status_code for one in (here, left_open, stranger)] == [200, 401, 200]
    after = (await here.page("/account?ended=true")).text
    assert "Барлық басқа жерде шықтыңыз" in after
    assert "Барлық басқа жерде шығу" not in after
    told = "select count(*) from audit_log where action = 'account.signed_out_elsewhere' and actor_id = %s"
    assert rows(database, told, person.user_id) == [(1,)]


async def test_s_25_nobody_is_signed_out_elsewhere_without_the_token_of_the_session(
    browser: Browser, region: Region
) -> None:
    here, left_open = await browser.fresh(region.gulnar), await browser.fresh(region.gulnar)
    forged = await here.post("/account/sessions/end", headers={"X-CSRF-Token": left_open.csrf})
    assert forged.status_code == 403
    assert (await left_open.get("/account")).status_code == 200


async def test_s_23_two_devices_that_end_each_other_leave_one_and_the_other_gets_words(
    browser: Browser, region: Region, database: str
) -> None:
    """As the other device's transaction holds its own session and then ends this one, so does this one there."""
    person = await hire("marat", region.organisations["school12"], ("subject_teacher",))
    here, here_hashed = await carrying(browser, person)
    there, there_hashed = await carrying(browser, person)
    used = "update user_session set seen_at = clock_timestamp() - interval '5 minutes' where token_hash = %s"
    with psycopg.connect(database) as other:
        for hashed in (here_hashed, there_hashed):
            other.execute(used, (hashed,))
        other.commit()
        other.execute(used, (there_hashed,))
        pressed = asyncio.create_task(here.act("/account/sessions/end", {}, html=True))
        while not pressed.done() and not rows(database, _WAITS):  # noqa: ASYNC110  # it waits in the database
            await asyncio.sleep(0.01)
        await asyncio.to_thread(other.execute, "delete from user_session where token_hash = %s", (here_hashed,))
        other.rollback()  # so that it can be asked whether anything was done
        answer = await pressed
    assert answer.status_code == 409
    assert "ештеңе орындалмады" in answer.text
    assert [(await one.get("/")).status_code for one in (here, there)] == [200, 200]
    told = "select count(*) from audit_log where action = 'account.signed_out_elsewhere' and actor_id = %s"
    assert rows(database, told, person.user_id) == [(0,)]
