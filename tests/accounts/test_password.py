"""Choosing another password: who knows the old one does, and every other session ends (S-22, S-23)."""

import asyncio

import psycopg
import pytest
from httpx import Response

from src.platform.accounts import passwords
from src.platform.accounts.session_cookie import NAME
from tests.support.http import HTML, Browser, Client, csrf_of
from tests.support.incidents import rows
from tests.support.people import PASSWORD, Person, Region

OTHER = "қарлығаш көл 52"
_CHANGED = "select count(*) from audit_log where action = 'account.password_changed' and %s = any (record_ids)"


def changed(database: str, person: Person) -> int:
    return int(rows(database, _CHANGED, person.user_id)[0][0])


async def change(client: Client, old: str, new: str, *, html: bool = False) -> int:
    body = {"old_password": old, "new_password": new}
    return (await client.act("/account/password", body, html=html)).status_code


async def sign_in(browser: Browser, person: Person, password: str) -> int:
    answer = await browser.visitor().post("/sign-in", json={"sign_in": person.sign_in, "password": password})
    return answer.status_code


async def test_s_22_s_23_another_password_gives_a_new_session_and_ends_all_others(
    browser: Browser, region: Region, database: str
) -> None:
    here, elsewhere = await browser.fresh(region.bota), await browser.fresh(region.bota)
    old = here.cookies[NAME]
    answer = await here.act("/account/password", {"old_password": PASSWORD, "new_password": OTHER}, html=True)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?changed=true")
    assert "Құпиясөзіңіз өзгертілді" in (await here.page("/account?changed=true")).text
    assert here.cookies[NAME] != old
    thief = browser.visitor()
    thief.cookies.set(NAME, old)
    assert [(await one.get("/")).status_code for one in (here, elsewhere, thief)] == [200, 401, 401]
    assert [await sign_in(browser, region.bota, word) for word in (PASSWORD, OTHER)] == [422, 303]
    assert changed(database, region.bota) == 1


async def test_a_wrong_old_password_changes_nothing_and_is_slowed_down(
    browser: Browser, region: Region, database: str
) -> None:
    marat = await browser.fresh(region.marat)
    for _ in range(10):
        answer = await marat.act("/account/password", {"old_password": "бөтен-canary", "new_password": OTHER})
        assert (answer.status_code, answer.json()["code"]) == (422, "account.wrong_password")
        assert "canary" not in answer.text
    locked = await marat.act("/account/password", {"old_password": PASSWORD, "new_password": OTHER})
    assert (locked.status_code, locked.json()["code"]) == (429, "account.too_many_attempts")
    assert await sign_in(browser, region.marat, PASSWORD) == 303  # a thief at the keyboard locks nobody out
    assert changed(database, region.marat) == 0


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("қысқа", "not_in_length"),
        ("а" * 201, "not_in_length"),
        ("ааааааааааа", "easy_to_guess"),
        ("password123", "easy_to_guess"),
        ("Iloveyou12", "easy_to_guess"),
        ("йцукенгшщз", "easy_to_guess"),  # the first row of keys
        ("пароль12345", "easy_to_guess"),  # on the other keyboard it stands in every list
        ("мектеп2026", "easy_to_guess"),
        ("12.05.2011 11", "easy_to_guess"),
        (PASSWORD, "the_same"),
    ],
)
async def test_a_password_that_cannot_be_taken_is_said_at_its_field_and_never_shown(
    browser: Browser, region: Region, database: str, new: str, code: str
) -> None:
    erlan = await browser(region.erlan)
    refused = await erlan.act("/account/password", {"old_password": PASSWORD, "new_password": new})
    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in refused.json()["fields"]] == [("new_password", code)]
    page = await erlan.act("/account/password", {"old_password": PASSWORD, "new_password": new}, html=True)
    assert page.status_code == 422
    assert f'value="{new}"' not in page.text
    assert changed(database, region.erlan) == 0


@pytest.mark.parametrize("words", [OTHER, "балапан кітап", "көк аспан жаз", "зелёный чай утром", "three blue birds"])
def test_words_that_are_easy_to_remember_are_taken(words: str) -> None:
    assert passwords.complaint(words, "aigerim@mektep.kz") is None


def test_the_own_sign_in_name_with_a_year_is_easy_to_guess() -> None:
    assert passwords.complaint("aigerim-2026", "aigerim@mektep.kz") is not None


async def test_two_changes_at_once_leave_one_password(browser: Browser, region: Region, database: str) -> None:
    first, second = await browser.fresh(region.asel), await browser.fresh(region.asel)
    answers = await asyncio.gather(change(first, PASSWORD, OTHER), change(second, PASSWORD, OTHER + "!"))
    assert answers.count(303) == 1
    assert changed(database, region.asel) == 1


async def test_only_who_is_signed_in_has_an_account_page(browser: Browser, region: Region) -> None:
    visitor = browser.visitor()
    assert (await visitor.get("/account")).status_code == 401
    assert (await visitor.post("/account/password", json={"old_password": PASSWORD})).status_code == 401
    forged = await (await browser(region.gulnar)).post("/account/password", json={"old_password": PASSWORD})
    assert (forged.status_code, forged.json()["code"]) == (403, "forged_request")


async def test_who_must_choose_a_password_gives_the_second_factor_and_then_gets_nowhere_else_first(
    browser: Browser, region: Region, database: str
) -> None:
    with psycopg.connect(database) as admin:
        admin.execute("update users set must_change_password = true where id = %s", (region.timur.user_id,))
    timur = browser.visitor()
    answer = await timur.post("/sign-in", json={"sign_in": region.timur.sign_in, "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/second-factor?next=/")
    assert (await timur.page("/account")).headers["location"] == "/second-factor?next=/account"
    timur.csrf = _token_on(await timur.page("/second-factor"))
    codes = (await timur.get("/second-factor/codes")).json()["codes"]
    assert (await timur.act("/second-factor/codes", {"code": codes.pop()})).status_code == 303
    for path in ("/", "/referrals", "/organisations/mine"):
        page = await timur.page(path)
        assert (page.status_code, page.headers["location"]) == (303, "/account"), path
    refused = await timur.get("/referrals")
    assert (refused.status_code, refused.json()["code"]) == (403, "account.password_change_needed")
    page = await timur.page("/account")
    assert "Жалғастырмас бұрын өз құпиясөзіңізді таңдаңыз" in page.text
    assert 'href="/referrals"' not in page.text
    timur.csrf = _token_on(page)
    assert await change(timur, PASSWORD, OTHER) == 303
    assert (await timur.get("/", headers=HTML)).status_code == 200
    assert await csrf_of(timur)


def _token_on(page: Response) -> str:
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0].partition(".")[0]
