"""Every status that the service answers carries the headers and is kept nowhere (S-59).

That every route does is in `test_every_route.py`; here is every kind of answer.
"""

from collections.abc import Awaitable, Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from src.platform.access import policy
from src.platform.incidents import views
from src.platform.web.app import create_app
from src.platform.web.security_headers import HEADERS
from tests.support.http import HTML, Browser
from tests.support.incidents import reported
from tests.support.people import PASSWORD, Region

Asked = Callable[[Browser, Region], Awaitable[Any]]


async def signed_in(browser: Browser, region: Region) -> Any:
    return await browser(region.aigerim)


async def a_page(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).page("/incidents")


async def a_list_for_a_program(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).get("/incidents")


async def a_description(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).get("/api/schema/openapi.json")


async def a_way_on(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).act("/report", {"description": "болды"})


async def a_stranger(browser: Browser, _region: Region) -> Any:
    return await browser.visitor().get("/incidents")


async def a_stranger_at_a_page(browser: Browser, _region: Region) -> Any:
    return await browser.visitor().page("/incidents")


async def another_role(browser: Browser, region: Region) -> Any:
    return await (await browser(region.asel)).page("/incidents")


async def nothing_there(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).page("/nothing/here")


async def no_such_verb(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).request("DELETE", "/incidents")


async def a_trace(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).request("TRACE", "/incidents")


async def no_such_state(browser: Browser, region: Region) -> Any:
    incident, client = await reported(browser, region), await browser(region.saule)
    return await client.act(f"/incidents/{incident}/close", {"version": 1})


async def too_much(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).act("/report", {"description": "я" * 2_000_000})


async def a_wrong_field(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).act("/report", {"what": "x"})


async def a_wrong_field_on_a_page(browser: Browser, region: Region) -> Any:
    return await (await signed_in(browser, region)).act("/report", {"what": "x"}, html=True)


async def too_often(browser: Browser, region: Region) -> Any:
    answers = [
        await browser.visitor().post("/sign-in", json={"sign_in": region.erlan.sign_in, "password": f"wrong {one}"})
        for one in range(11)
    ]
    return answers[-1]


async def a_school(browser: Browser, _region: Region) -> Any:
    return await browser.visitor().page("/s/mek12")


async def a_missing_style(browser: Browser, _region: Region) -> Any:
    return await browser.visitor().get("/assets/nothing.css")


BUILT = next(Path("src/platform/web/static/build").glob("main.*.css"))
ANSWERS: dict[Asked, int] = {
    a_page: 200,
    a_list_for_a_program: 200,
    a_description: 200,
    a_school: 200,
    a_way_on: 303,
    a_stranger_at_a_page: 303,
    a_stranger: 401,
    another_role: 403,
    nothing_there: 404,
    a_missing_style: 404,
    no_such_verb: 405,
    a_trace: 405,
    no_such_state: 409,
    too_much: 413,
    a_wrong_field: 422,
    a_wrong_field_on_a_page: 422,
    too_often: 429,
}


@pytest.mark.parametrize("asked", ANSWERS, ids=lambda one: one.__name__)
async def test_s_59_every_status_carries_the_headers_and_is_kept_nowhere(
    browser: Browser, region: Region, asked: Asked
) -> None:
    answer = await asked(browser, region)
    assert answer.status_code == ANSWERS[asked], answer.text
    check(answer)


def check(answer: Any) -> None:
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store"
    assert not {"server", "x-powered-by", "access-control-allow-origin"} & set(answer.headers)
    if answer.content:
        assert "charset=utf-8" in answer.headers["content-type"] or "json" in answer.headers["content-type"]


@pytest.mark.parametrize("headers", [{}, HTML], ids=["program", "page"])
async def test_s_59_an_error_of_ours_carries_the_headers_and_says_nothing_of_itself(
    browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    async def broken(*_: Any) -> None:
        message = "Қырғауылова in an exception"
        raise RuntimeError(message)

    incident, client = await reported(browser, region), await signed_in(browser, region)
    monkeypatch.setattr(views, "one", broken)
    answer = await client.get(f"/incidents/{incident}", headers=headers)
    assert answer.status_code == 500
    assert "Қырғауылова" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "Traceback" not in answer.text
    check(answer)


async def test_s_59_a_service_that_is_not_ready_carries_the_headers(browser: Browser, tmp_path: Path) -> None:
    with pytest.raises(policy.PolicyError):
        policy.load(tmp_path)
    answer = await browser.visitor().get("/ready")
    policy.load()
    assert answer.status_code == 503
    check(answer)


async def test_s_59_only_a_style_or_script_that_was_built_may_be_kept(browser: Browser) -> None:
    answer = await browser.visitor().get(f"/assets/{BUILT.name}")
    assert answer.status_code == 200
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"].startswith("public")


def test_s_59_the_headers_say_what_the_promise_says() -> None:
    policy_of_content = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy_of_content
    assert "'unsafe" not in policy_of_content
    assert all(part in policy_of_content for part in ("base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'"))
    age, subdomains = HEADERS["Strict-Transport-Security"].split("; ")
    assert int(age.removeprefix("max-age=")) >= 365 * 24 * 3600
    assert subdomains == "includeSubDomains"
    assert HEADERS["X-Content-Type-Options"] == "nosniff"


async def test_an_address_says_which_methods_it_takes(browser: Browser, region: Region) -> None:
    client = await browser(region.saule)
    for path, methods in (
        ("/absences", "GET, OPTIONS, POST"),
        ("/report", "GET, OPTIONS, POST"),
        ("/work", "GET, OPTIONS"),
    ):
        told = await client.options(path)
        refused = await client.delete(path)
        assert (told.status_code, told.headers["allow"], refused.status_code) == (204, methods, 405)
        assert sorted(refused.headers["allow"].split(", ")) == methods.split(", ")
        assert refused.json()["code"] == "method_not_allowed"


async def test_s_59_nothing_of_development_answers_strangers(browser: Browser) -> None:
    assert create_app().debug is False
    for path in ("/api/schema", "/api/schema/openapi.json", "/api/schema/swagger"):
        assert (await browser.visitor().get(path)).status_code == 401, path
    for path in ("/schema", "/schema/openapi.json", "/docs", "/debug", "/metrics", "/.git/config", "/assets/", "/.env"):
        assert (await browser.visitor().get(path)).status_code in (401, 404), path


def test_s_59_the_library_of_the_policy_is_the_reviewed_one() -> None:
    assert version("pycasbin")
    with pytest.raises(PackageNotFoundError):
        version("casbin")


async def test_s_27_a_sign_in_that_is_told_to_wait_says_nothing_of_the_name(browser: Browser, region: Region) -> None:
    visitor = browser.visitor()
    for sign_in in (region.gulnar.sign_in, "nobody-whom-we-know@qorgan.test"):
        for _ in range(10):
            await visitor.post("/sign-in", json={"sign_in": sign_in, "password": "wrong"})
    answers = [
        await visitor.post("/sign-in", json={"sign_in": sign_in, "password": PASSWORD})
        for sign_in in (region.gulnar.sign_in, "nobody-whom-we-know@qorgan.test")
    ]
    assert [one.status_code for one in answers] == [429, 429]
    assert answers[0].content == answers[1].content
