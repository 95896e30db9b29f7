"""A form that comes when its session is over is kept for an hour, for its author in the same browser, and never sent."""

from datetime import timedelta
from uuid import UUID

import httpx
import psycopg
import pytest

from src.platform.accounts import tokens as hashing
from src.platform.accounts.session_cookie import NAME
from src.platform.drafts import keys
from src.platform.drafts.routes import COOKIE
from src.platform.kit import clock
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.http import HTML, Browser, Client, csrf_of
from tests.support.incidents import name, reported, rows
from tests.support.inside import inside
from tests.support.people import PASSWORD, Person, Region, hire
from tests.support.queue import drain, set_clock
from tests.support.typing import SAVE, autosave, open_form, press, token_on

TYPED = "Үзілгенмаркер: дәлізде ұрды"
NOTICE = "Ештеңе жіберілген жоқ"
GONE = "Мұнда сіз үшін сақталған ештеңе жоқ"


@pytest.fixture(autouse=True)
def empty(database: str) -> None:
    with psycopg.connect(database) as admin:
        admin.execute("delete from form_draft")
        admin.execute("delete from stash")


def end_session(database: str, client: Client) -> None:
    """Half an hour without a request."""
    hashed = hashing.token_hash(client.cookies[NAME])
    with psycopg.connect(database) as admin:
        admin.execute(
            "update user_session set seen_at = seen_at - interval '31 minutes' where token_hash = %s", (hashed,)
        )


async def sign_in(browser: Browser, client: Client, person: Person, page: str) -> str:
    """Sign in on the page that asked for it, with a second factor if that is asked; where it leads."""
    await client.page(page)
    body = {"sign_in": person.sign_in, "password": PASSWORD, "next": page.partition("next=")[2]}
    answer = await client.post("/sign-in", data=body, headers=HTML)
    assert answer.status_code == 303, answer.text
    led = str(answer.headers["location"])
    if not led.startswith("/second-factor"):
        return led
    client.csrf = await csrf_of(client)
    await browser.proved(client, person.sign_in)
    return led.partition("next=")[2]


async def interrupted(browser: Browser, database: str, person: Person) -> tuple[Client, httpx.Response]:
    """A report that is sent after the session has ended."""
    client = await browser.fresh(person)
    token = await open_form(client, "/report")
    end_session(database, client)
    return client, await press(client, "/report", token, description=TYPED, harmed="yes")


async def test_decision_25_after_signing_in_again_the_form_is_shown_with_all_that_was_typed_and_not_sent(
    region: Region, browser: Browser, database: str
) -> None:
    before = rows(database, "select count(*) from report")
    marat, answer = await interrupted(browser, database, region.marat)
    asked = answer.headers["location"]
    assert answer.status_code == 303
    assert asked.startswith("/sign-in?next=/kept/")
    UUID(asked.rpartition("/")[2])
    assert "бір сағат сақталады" in (await marat.page(asked)).text
    kept = await sign_in(browser, marat, region.marat, asked)
    back = await marat.page(kept)
    assert (back.status_code, back.headers["location"]) == (303, "/report")
    page = await marat.page("/report")
    assert TYPED in page.text
    assert 'value="yes" checked' in page.text
    assert NOTICE in page.text
    assert rows(database, "select count(*) from report") == before
    assert (await press(marat, "/report", token_on(page), description=TYPED)).status_code == 303
    assert rows(database, "select count(*) from stash") == [(0,)]
    assert TYPED not in (await marat.page("/report")).text


async def test_decision_25_it_is_given_once(region: Region, browser: Browser, database: str) -> None:
    marat, answer = await interrupted(browser, database, region.marat)
    kept = await sign_in(browser, marat, region.marat, answer.headers["location"])
    assert (await marat.page(kept)).status_code == 303
    again = await marat.page(kept)
    assert again.status_code == 404
    assert GONE in again.text


async def test_decision_25_another_person_in_the_same_browser_gets_nothing(
    region: Region, browser: Browser, database: str
) -> None:
    client, answer = await interrupted(browser, database, region.marat)
    kept = await sign_in(browser, client, region.bota, answer.headers["location"])
    refused = await client.page(kept)
    unknown = await client.page("/kept/01890a5d-ac96-774b-bcce-b302099a8057")
    assert refused.status_code == unknown.status_code == 404
    assert GONE in refused.text
    assert TYPED not in refused.text + (await client.page("/report")).text
    assert rows(database, "select count(*) from stash") == [(1,)]
    assert (
        await sign_in(browser, client, region.marat, answer.headers["location"]) == kept
    )  # and it is still there for its author
    await client.page(kept)
    assert TYPED in (await client.page("/report")).text


async def test_decision_25_the_same_person_without_the_secret_of_the_browser_gets_nothing(
    region: Region, browser: Browser, database: str
) -> None:
    _, answer = await interrupted(browser, database, region.marat)
    elsewhere = await browser.fresh(region.marat)
    kept = answer.headers["location"].partition("next=")[2]
    for secret in ("", "x", keys.stash_secret(None)):
        elsewhere.cookies.set(COOKIE, secret)
        assert (await elsewhere.page(kept)).status_code == 404
    assert TYPED not in (await elsewhere.page("/report")).text


async def test_decision_25_after_an_hour_nothing_is_left(region: Region, browser: Browser, database: str) -> None:
    now = clock.real_now()
    marat, answer = await interrupted(browser, database, region.marat)
    kept = await sign_in(browser, marat, region.marat, answer.headers["location"])
    set_clock(database, now + timedelta(minutes=62))
    assert (await marat.page(kept)).status_code == 404
    assert TYPED not in (await marat.page("/report")).text
    assert rows(database, "select count(*) from stash") == [(1,)]
    await drain()
    set_clock(database, now)
    assert rows(database, "select count(*) from stash") == [(0,)]


async def test_decision_25_signed_out_elsewhere_is_an_ended_session_too(
    region: Region, browser: Browser, database: str
) -> None:
    gulnar = await browser.fresh(region.gulnar)
    token = await open_form(gulnar, "/report")
    with psycopg.connect(database) as admin:
        hashed = hashing.token_hash(gulnar.cookies[NAME])
        admin.execute("delete from user_session where token_hash = %s", (hashed,))
    answer = await press(gulnar, "/report", token, description=TYPED)
    await gulnar.page(await sign_in(browser, gulnar, region.gulnar, answer.headers["location"]))
    assert TYPED in (await gulnar.page("/report")).text


async def test_decision_25_signing_in_again_in_another_tab_loses_nothing(
    region: Region, browser: Browser, database: str
) -> None:
    marat, before = await browser.fresh(region.marat), rows(database, "select count(*) from report")
    token = await open_form(marat, "/report")
    await sign_in(browser, marat, region.marat, "/sign-in?next=/")
    answer = await press(marat, "/report", token, description=TYPED)
    assert answer.headers["location"].startswith("/kept/")
    await marat.page(answer.headers["location"])
    page = await marat.page("/report")
    assert TYPED in page.text
    assert NOTICE in page.text
    assert rows(database, "select count(*) from report") == before


async def test_s_25_a_page_of_somebody_else_puts_nothing_aside(region: Region, browser: Browser, database: str) -> None:
    marat, bota = await browser.fresh(region.marat), await browser.fresh(region.bota)
    answer = await press(marat, "/report", await open_form(bota, "/report"), description=TYPED)
    assert answer.status_code == 403
    assert rows(database, "select count(*) from stash") == [(0,)]


async def test_decision_25_two_forms_of_one_ended_session_are_both_given_back(
    region: Region, browser: Browser, database: str
) -> None:
    incident, aigerim = await reported(browser, region), await browser.fresh(region.aigerim)
    page = f"/incidents/{incident}/steps/triage"
    tokens = [await open_form(aigerim, "/report"), await open_form(aigerim, page)]
    end_session(database, aigerim)
    first = await press(aigerim, "/report", tokens[0], description=TYPED)
    second = await press(aigerim, f"/incidents/{incident}/triage", tokens[1], injuries="Екінші мәтін")
    await aigerim.page(await sign_in(browser, aigerim, region.aigerim, first.headers["location"]))
    led = await aigerim.page(second.headers["location"].partition("next=")[2])
    assert led.headers["location"] == page
    assert TYPED in (await aigerim.page("/report")).text
    assert "Екінші мәтін" in (await aigerim.page(page)).text


async def test_decision_25_sent_again_from_the_same_page_the_last_words_count(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser.fresh(region.marat)
    token = await open_form(marat, "/report")
    end_session(database, marat)
    await press(marat, "/report", token, description="Бірінші сөз")
    answer = await press(marat, "/report", token, description=TYPED)
    assert rows(database, "select count(*) from stash") == [(1,)]
    await marat.page(await sign_in(browser, marat, region.marat, answer.headers["location"]))
    shown = (await marat.page("/report")).text
    assert TYPED in shown
    assert "Бірінші сөз" not in shown


async def test_decision_25_a_newer_draft_is_not_overwritten(region: Region, browser: Browser, database: str) -> None:
    marat, answer = await interrupted(browser, database, region.marat)
    kept = await sign_in(browser, marat, region.marat, answer.headers["location"])
    await autosave(marat, "/report", await open_form(marat, "/report"), description="Жаңарақ мәтін")
    await marat.page(kept)
    assert "Жаңарақ мәтін" in (await marat.page("/report")).text


async def test_r_064_whoever_was_accused_in_between_gets_nothing_back(
    region: Region, browser: Browser, database: str
) -> None:
    gulnar = await hire("gulnar", region.organisations["school12"], ("psychologist", "team_member"))
    incident, client = await reported(browser, region), await browser.fresh(gulnar)
    token = await open_form(client, f"/incidents/{incident}/steps/triage")
    end_session(database, client)
    answer = await press(client, f"/incidents/{incident}/triage", token, injuries=TYPED)
    await name(browser, region, incident, str(gulnar.person_id), "alleged_offender", "employee")
    led = await client.page(await sign_in(browser, client, gulnar, answer.headers["location"]))
    page = await client.page(led.headers["location"])
    assert page.status_code == 404
    assert TYPED not in page.text


async def test_decision_25_what_belongs_to_another_organisation_is_shown_there_only(
    region: Region, browser: Browser, database: str
) -> None:
    person = await hire("marat", region.organisations["school12"], ("subject_teacher",))
    async with inside(region.organisations["school45"]) as work:
        known = await vault.add_person(work, "staff", Identity(family_name="Екеуов", given_name="Марат"))
        await tenants.add_member(work, person.user_id, known, ("subject_teacher",))
    client = await browser.fresh(person)
    listed = (await client.get("/organisations/mine")).json()["rows"]
    first, second = (next(row["id"] for row in listed if row["current"] is current) for current in (True, False))
    token = await open_form(client, "/report")
    assert (await client.act(f"/organisations/{second}/switch")).status_code == 303
    answer = await press(client, "/report", token, description=TYPED)
    choose = await client.page(answer.headers["location"])
    assert choose.headers["location"] == f"/organisations/mine?next={answer.headers['location']}"
    assert TYPED not in (await client.page("/report")).text
    page = await client.page(choose.headers["location"])
    assert "басқа ұйымға қатысты" in page.text
    back = await press(client, f"/organisations/{first}/switch", token_on(page), next=answer.headers["location"])
    assert back.headers["location"] == answer.headers["location"]
    await client.page(back.headers["location"])
    assert TYPED in (await client.page("/report")).text


async def test_s_13_the_database_with_every_key_of_the_service_does_not_open_it(
    region: Region, browser: Browser, database: str
) -> None:
    marat, answer = await interrupted(browser, database, region.marat)
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in (COOKIE, "Secure", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=3600"))
    row = str(rows(database, "select id, expires_at, content from stash"))
    for mark in (TYPED, region.marat.user_id, region.marat.membership_id, region.organisations["school12"], "/report"):
        assert str(mark) not in row
        assert str(mark).encode().hex() not in row
    assert marat.cookies[COOKIE] not in row
    assert "stash" not in str(rows(database, "select t::text from audit_log t"))


async def test_decision_25_a_save_button_after_the_end_of_the_session_loses_nothing_either(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser.fresh(region.marat)
    token = await open_form(marat, "/report")
    end_session(database, marat)
    answer = await press(marat, "/report", token, description=TYPED, **SAVE)
    await marat.page(await sign_in(browser, marat, region.marat, answer.headers["location"]))
    assert TYPED in (await marat.page("/report")).text


async def test_decision_25_programs_get_401_and_nothing_is_put_aside(
    region: Region, browser: Browser, database: str
) -> None:
    marat = await browser.fresh(region.marat)
    token = await open_form(marat, "/report")
    end_session(database, marat)
    for answer in (
        await marat.post("/report", json={"description": TYPED}, headers={"X-CSRF-Token": token}),
        await autosave(marat, "/report", token, description=TYPED),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
    assert rows(database, "select count(*) from stash") == [(0,)]


@pytest.mark.parametrize("mark", ["", "x", "ә", "AAAA", "A" * 82])
async def test_a_visitor_cannot_put_anything_aside(browser: Browser, region: Region, database: str, mark: str) -> None:
    visitor = browser.visitor()
    answer = await press(visitor, "/report", f"token.{mark}", description=TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/")
    assert COOKIE not in answer.cookies
    assert rows(database, "select count(*) from stash") == [(0,)]


async def test_what_is_no_kept_form_leads_to_signing_in_only(browser: Browser, region: Region, database: str) -> None:
    marat = await browser.fresh(region.marat)
    token = await open_form(marat, "/report")
    end_session(database, marat)
    answer = await press(marat, "/people", token, text="Сынақов")
    assert answer.headers["location"] == "/sign-in?next=/"
    assert rows(database, "select count(*) from stash") == [(0,)]
