"""Signing in, staying in, going out: the session belongs to the server (S-22 … S-25)."""

import psycopg

from src.platform.accounts.session_cookie import NAME
from tests.support.http import HTML, Browser
from tests.support.people import PASSWORD, Region


async def test_a_person_signs_in_and_sees_the_home_page(browser: Browser, region: Region) -> None:
    client = await browser(region.aigerim)
    page = await client.page("/")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"


async def test_a_visitor_is_sent_to_the_sign_in_page_and_a_program_gets_401(browser: Browser) -> None:
    visitor = browser.visitor()
    page = await visitor.page("/")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/")
    answer = await visitor.get("/")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")


async def test_s_27_unknown_name_and_wrong_password_answer_alike_and_echo_nothing(
    browser: Browser, region: Region
) -> None:
    visitor = browser.visitor()
    unknown = await visitor.post("/sign-in", json={"sign_in": "nobody-canary@qorgan.test", "password": "x"})
    wrong = await visitor.post("/sign-in", json={"sign_in": region.marat.sign_in, "password": "secret-canary"})
    assert unknown.status_code == wrong.status_code == 422
    assert unknown.content == wrong.content
    assert "canary" not in unknown.text


async def test_a_refused_form_keeps_the_name_and_never_the_password(browser: Browser) -> None:
    page = await browser.visitor().post(
        "/sign-in", data={"sign_in": "marat@x", "password": "secret-canary"}, headers=HTML
    )
    assert page.status_code == 422
    assert 'value="marat@x"' in page.text
    assert 'type="password"' in page.text
    assert "secret-canary" not in page.text


async def test_s_22_a_session_id_chosen_by_the_client_is_never_adopted(browser: Browser, region: Region) -> None:
    visitor = browser.visitor()
    visitor.cookies.set(NAME, "attacker")
    answer = await visitor.post("/sign-in", json={"sign_in": region.marat.sign_in, "password": PASSWORD})
    assert answer.cookies[NAME] != "attacker"
    stranger = browser.visitor()
    stranger.cookies.set(NAME, "attacker")
    assert (await stranger.get("/")).status_code == 401


async def test_s_23_signing_out_ends_the_session_everywhere(browser: Browser, region: Region) -> None:
    client = await browser.fresh(region.gulnar)
    copy = browser.visitor()
    copy.cookies = client.cookies
    assert (await copy.get("/")).status_code == 200
    stolen = client.cookies[NAME]
    assert (await client.act("/sign-out")).status_code == 303
    thief = browser.visitor()
    thief.cookies.set(NAME, stolen)
    assert (await thief.get("/")).status_code == 401


async def test_s_24_the_cookie_is_a_host_cookie_and_only_its_hash_is_stored(
    browser: Browser, region: Region, database: str
) -> None:
    answer = await browser.visitor().post("/sign-in", json={"sign_in": region.bota.sign_in, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("__Host-", "Secure", "HttpOnly", "SameSite=lax", "Path=/"))
    with psycopg.connect(database) as admin:
        stored = [bytes(row[0]) for row in admin.execute("select token_hash from user_session").fetchall()]
    assert answer.cookies[NAME].encode() not in stored


async def test_s_25_an_unsafe_request_needs_the_token_of_its_own_session_and_its_own_origin(
    browser: Browser, region: Region
) -> None:
    marat, oleg = await browser.fresh(region.marat), await browser(region.oleg)
    without = await marat.post("/sign-out", json={})
    foreign = await marat.post("/sign-out", json={}, headers={"X-CSRF-Token": oleg.csrf})
    elsewhere = await marat.post(
        "/sign-out",
        json={},
        headers={"X-CSRF-Token": marat.csrf, "Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
    )
    assert [a.status_code for a in (without, foreign, elsewhere)] == [403, 403, 403]
    assert {a.json()["code"] for a in (without, foreign, elsewhere)} == {"forged_request"}
    assert (await marat.act("/sign-out")).status_code == 303


async def test_guessing_is_slowed_down(browser: Browser, region: Region) -> None:
    visitor = browser.visitor()
    for _ in range(10):
        await visitor.post("/sign-in", json={"sign_in": region.zhanna.sign_in, "password": "wrong"})
    locked = await visitor.post("/sign-in", json={"sign_in": region.zhanna.sign_in, "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (429, "account.too_many_attempts")


async def test_a_next_address_of_another_site_is_ignored(browser: Browser, region: Region) -> None:
    for target in ("https://evil.test", "//evil.test", "/\\evil.test"):
        answer = await browser.visitor().post(
            "/sign-in", json={"sign_in": region.bota.sign_in, "password": PASSWORD, "next": target}
        )
        assert answer.headers["location"] == "/"
