"""Setting up, giving and changing a second factor over HTTP (decisions 21, S-22, S-26)."""

import asyncio
import re
from base64 import b32decode
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg import sql

from src.platform.accounts.session_cookie import NAME
from tests.support.http import HTML, Browser, csrf_of
from tests.support.incidents import rows
from tests.support.people import Person, Region
from tests.support.queue import drain
from tests.support.second_factor import WRONG, app_code, audited, connected, half_way, wrong_code


async def test_s_22_the_application_is_connected_by_its_first_code_and_the_session_gets_a_new_id(
    browser: Browser, person: Person, database: str
) -> None:
    client = await half_way(browser, person)
    before = client.cookies[NAME]
    offer = (await client.get("/second-factor/app")).json()
    page = (await client.page("/second-factor/app?next=/incidents")).text
    assert offer["address"].startswith("otpauth://totp/Qorgan")
    assert offer["secret"].replace(" ", "") in offer["address"]
    assert re.search(r'<img src="data:image/svg\+xml', page)
    assert all(part in page for part in (offer["secret"], offer["address"].replace("&", "&amp;"), 'value="/incidents"'))
    code = app_code(offer["secret"])
    answer = await client.act(
        "/second-factor/app", {"code": f" {code[:3]} {code[3:]} ", "next": "/incidents"}, html=True
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/second-factor/codes?next=/incidents")
    assert client.cookies[NAME] != before
    assert (await client.get("/incidents")).status_code == 200
    thief = browser.visitor()
    thief.cookies.set(NAME, before)
    assert (await thief.get("/second-factor")).status_code == 401
    assert audited(database, person) == [("account.second_factor_enrolled", {"by": "app"})]


async def test_an_offer_that_is_left_changes_nothing_and_is_the_same_on_every_page_of_a_session(
    browser: Browser, person: Person, database: str
) -> None:
    client, other = await half_way(browser, person), await half_way(browser, person)
    for path, key in (("/second-factor/app", "secret"), ("/second-factor/codes", "codes")):
        offers = [(await one.get(path)).json()[key] for one in (client, client, other)]
        assert offers[0] == offers[1] != offers[2]
    refused = await client.act("/second-factor/app", {"code": WRONG}, html=True)
    secret = (await client.get("/second-factor/app")).json()["secret"]
    assert (refused.status_code, secret in refused.text, f'value="{WRONG}"' in refused.text) == (422, True, False)
    assert (await client.act("/second-factor/codes", {"code": "1111-2222-3333"})).status_code == 422
    kept = rows(
        database,
        "select totp_sealed, (select count(*) from recovery_code where user_id = id) from users where id = %s",
        person.user_id,
    )
    assert kept == [(None, 0)]
    assert (await client.get("/second-factor")).json()["set_up"] is False


async def test_s_26_a_code_of_the_application_opens_once_and_never_again(
    browser: Browser, person: Person, database: str
) -> None:
    _, secret = await connected(browser, person)
    first, second = await half_way(browser, person), await half_way(browser, person)
    code = app_code(secret)
    answer = await first.act("/second-factor", {"code": code, "next": "/incidents"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents")
    replayed = await second.act("/second-factor", {"code": code})
    wrong = await second.act("/second-factor", {"code": wrong_code(secret)})
    assert (replayed.status_code, replayed.json()["code"]) == (422, "account.wrong_code")
    assert replayed.content == wrong.content
    assert (await second.get("/incidents")).status_code == 401
    assert (await first.get("/incidents")).status_code == 200
    failed = ("account.second_factor_failed", {"code": "account.wrong_code"})
    assert [e for e in audited(database, person) if e[0] != "access.denied"][1:] == [
        ("account.second_factor_passed", {"by": "app"}),
        failed,
        failed,
    ]


async def test_s_26_one_step_of_drift_is_taken_and_two_are_not(browser: Browser, person: Person) -> None:
    _, secret = await connected(browser, person)
    client = await half_way(browser, person)
    for later in (-3, -2, 3):
        assert (await client.act("/second-factor", {"code": app_code(secret, later=later)})).status_code == 422, later
    assert (await client.act("/second-factor", {"code": app_code(secret, later=1)})).status_code == 303
    again = await half_way(browser, person)
    assert (await again.act("/second-factor", {"code": app_code(secret)})).status_code == 422  # before the last one


@pytest.mark.parametrize("sessions", [1, 2])
async def test_s_26_of_parallel_posts_of_one_code_one_passes(
    browser: Browser, person: Person, database: str, sessions: int
) -> None:
    _, secret = await connected(browser, person)
    opened = [await half_way(browser, person) for _ in range(sessions)]
    code = app_code(secret)
    answers: list[httpx.Response] = await asyncio.gather(
        *(opened[number % sessions].act("/second-factor", {"code": code}) for number in range(6))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 303
    assert set(statuses[1:]) <= {401, 422}
    passed = rows(
        database,
        "select count(*) from user_session where user_id = %s and second_factor_at is not null",
        person.user_id,
    )
    assert passed == [(2,)]  # the one that connected the application, and one more


async def test_s_26_a_person_without_a_phone_prints_codes_and_each_opens_once(
    browser: Browser, person: Person, database: str
) -> None:
    client = await half_way(browser, person)
    codes = (await client.get("/second-factor/codes")).json()["codes"]
    page = (await client.page("/second-factor/codes")).text
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"\d{4}-\d{4}-\d{4}", code) and code in page for code in codes)
    assert (await client.act("/second-factor/codes", {"code": codes[0]})).status_code == 303
    assert (await client.get("/incidents")).status_code == 200
    for code, status in ((codes[0], 422), (codes[1].replace("-", ""), 303), (codes[1], 422), (codes[2], 303)):
        answer = await (await half_way(browser, person)).act("/second-factor", {"code": code})
        assert answer.status_code == status, code
    assert (await client.get("/second-factor")).json()["codes_left"] == 7
    assert audited(database, person)[0] == ("account.second_factor_enrolled", {"by": "printed_code"})


async def test_s_26_of_parallel_posts_of_a_printed_code_one_passes(browser: Browser, person: Person) -> None:
    client = await half_way(browser, person)
    codes = (await client.get("/second-factor/codes")).json()["codes"]
    await client.act("/second-factor/codes", {"code": codes[0]})
    opened = [await half_way(browser, person) for _ in range(4)]
    answers = await asyncio.gather(*(one.act("/second-factor", {"code": codes[1]}) for one in opened))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_new_codes_end_the_old_ones_and_the_last_ones_lead_to_new_ones(
    browser: Browser, person: Person, database: str
) -> None:
    client, _ = await connected(browser, person)
    old = (await client.get("/second-factor/codes")).json()["codes"]
    assert (await client.act("/second-factor/codes", {"code": old[0]})).status_code == 303
    client.csrf = await csrf_of(client)
    new = (await client.get("/second-factor/codes")).json()["codes"]
    assert not set(old) & set(new)
    assert (await client.act("/second-factor/codes", {"code": new[0]})).status_code == 303
    assert (await (await half_way(browser, person)).act("/second-factor", {"code": old[1]})).status_code == 422
    led = []
    for code in new[1:]:
        answer = await (await half_way(browser, person)).act("/second-factor", {"code": code})
        led.append(answer.headers["location"])
    assert led == ["/"] * 6 + ["/second-factor/codes?next=/"] * 3
    made = [one for one, _ in audited(database, person) if one == "account.recovery_codes_made"]
    assert len(made) == 2


async def test_s_28_guessing_a_code_is_slowed_down_for_the_person_in_all_sessions_together(
    browser: Browser, region: Region, person: Person, database: str
) -> None:
    _, secret = await connected(browser, person)
    clients = [await half_way(browser, person) for _ in range(3)]
    wrong = wrong_code(secret)
    answers = await asyncio.gather(*(clients[n % 3].act("/second-factor", {"code": wrong}) for n in range(15)))
    assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 5
    locked = await clients[0].act("/second-factor", {"code": app_code(secret)})
    assert (locked.status_code, locked.json()["code"]) == (429, "account.too_many_attempts")
    told = [detail["code"] for one, detail in audited(database, person) if one == "account.second_factor_failed"]
    assert (told.count("account.wrong_code"), told.count("account.too_many_attempts")) == (10, 6)
    with psycopg.connect(database) as admin:
        admin.execute("update sign_in_attempt set at = at - interval '16 minutes'")
    assert (await clients[0].act("/second-factor", {"code": app_code(secret)})).status_code == 303


async def test_whoever_knows_the_password_only_cannot_replace_a_factor(browser: Browser, person: Person) -> None:
    await connected(browser, person)
    client = await half_way(browser, person)
    for path in ("/second-factor/app", "/second-factor/codes"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "account.second_factor_needed")
        assert (await client.page(path)).headers["location"] == f"/second-factor?next={path}"
        assert (await client.act(path, {"code": WRONG})).json()["code"] == "account.second_factor_needed"


async def test_of_two_sessions_that_connect_an_application_at_once_one_does(browser: Browser, person: Person) -> None:
    clients = [await half_way(browser, person) for _ in range(2)]
    secrets = [(await one.get("/second-factor/app")).json()["secret"] for one in clients]
    answers = await asyncio.gather(
        *(
            one.act("/second-factor/app", {"code": app_code(secret)})
            for one, secret in zip(clients, secrets, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303, 401]


async def test_s_22_a_factor_is_changed_by_who_gave_its_code_a_short_while_ago_and_other_sessions_end(
    browser: Browser, person: Person, database: str
) -> None:
    client, secret = await connected(browser, person)
    other = await half_way(browser, person)
    assert (await other.act("/second-factor", {"code": app_code(secret)})).status_code == 303
    with psycopg.connect(database) as admin:
        admin.execute(
            "update user_session set second_factor_at = second_factor_at - interval '16 minutes' where user_id = %s",
            (person.user_id,),
        )
    assert (await client.get("/incidents")).status_code == 200  # reading goes on
    assert (await client.get("/second-factor/app")).json()["code"] == "account.second_factor_needed"
    assert (await client.act("/second-factor", {"code": app_code(secret, later=1)})).status_code == 303
    client.csrf = await csrf_of(client)
    new = (await client.get("/second-factor/app")).json()["secret"]
    assert new != secret
    assert (await client.act("/second-factor/app", {"code": app_code(new)})).status_code == 303
    assert (await other.get("/second-factor")).status_code == 401
    assert (await client.get("/incidents")).status_code == 200
    late = await half_way(browser, person)
    assert (await late.act("/second-factor", {"code": app_code(secret, later=1)})).status_code == 422


@pytest.fixture
def far_away(database: str) -> Iterator[None]:
    """The domain's clock stands years ahead."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("update platform_state set clock_offset = interval '2 years'")
        yield
        admin.execute("update platform_state set clock_offset = interval '0'")


async def test_decision_3_codes_follow_real_time_when_the_domain_clock_is_moved(
    browser: Browser, person: Person, far_away: None
) -> None:
    _, secret = await connected(browser, person)
    assert (
        await (await half_way(browser, person)).act("/second-factor", {"code": app_code(secret)})
    ).status_code == 303


async def test_no_secret_and_no_code_stands_in_the_database_or_the_output(
    browser: Browser, person: Person, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client, secret = await connected(browser, person)
    codes = (await client.get("/second-factor/codes")).json()["codes"]
    await client.act("/second-factor/codes", {"code": codes[0]})
    await (await half_way(browser, person)).act("/second-factor", {"code": codes[1]})
    bare = secret.replace(" ", "")
    marks = [bare, b32decode(bare).hex(), *codes, *(code.replace("-", "") for code in codes)]
    tables = rows(
        database, "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    dump = "".join(capfd.readouterr())
    for (table,) in tables:
        query = sql.SQL("select t::text from {} t").format(sql.Identifier(table))
        dump += str(rows(database, query))
    assert not [mark for mark in marks if mark in dump]


async def test_a_form_without_a_code_is_answered_at_its_field(browser: Browser, person: Person) -> None:
    client = await half_way(browser, person)
    for path in ("/second-factor", "/second-factor/app", "/second-factor/codes"):
        answer = await client.act(path, {})
        assert (answer.status_code, [f["field"] for f in answer.json()["fields"]]) == (422, ["code"])
        page = await client.post(path, data={"csrf_token": client.csrf, "code": ""}, headers=HTML)
        assert (page.status_code, "govuk-error-summary" in page.text) == (422, True), path


async def test_the_owner_is_told_of_every_change_and_of_no_attempt(
    browser: Browser, person: Person, database: str
) -> None:
    told = (
        "select args, tenant_id, target_tenant from outbox where actor = 'notifications.second_factor_changed' "
        "and args ->> 'user' = %s"
    )
    mine = {"membership": str(person.membership_id), "user": str(person.user_id)}
    client = await half_way(browser, person)
    for path in ("/second-factor/app", "/second-factor/codes"):
        assert (await client.act(path, {"code": WRONG})).status_code == 422
    assert rows(database, told, str(person.user_id)) == []
    client, secret = await connected(browser, person)
    assert rows(database, told, str(person.user_id)) == [(mine, person.tenant_id, person.tenant_id)]
    other = await half_way(browser, person)
    assert (await other.act("/second-factor", {"code": app_code(secret)})).status_code == 303
    codes = (await client.get("/second-factor/codes")).json()["codes"]
    assert (await client.act("/second-factor/codes", {"code": codes[0]})).status_code == 303
    assert len(rows(database, told, str(person.user_id))) == 2
    await drain()
    messages = (await client.get("/messages")).json()["rows"]
    assert [(one["kind"], one["link"]) for one in messages] == [("second_factor_changed", "/second-factor")] * 2
    assert "Екінші факторыңыз орнатылды" in (await client.page("/messages")).text
