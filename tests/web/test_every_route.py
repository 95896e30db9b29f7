"""Guards that grow by registration: every route, every header, every error; and a canary through all of it."""

import gc
import re
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler

from src.platform.access import policy
from src.platform.kit.ids import new_id
from src.platform.kit.payload import Spec
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from src.platform.web.app import UnguardedRouteError, check_routes, create_app
from src.platform.web.public_routes import PUBLIC_ROUTES
from src.platform.web.security_headers import HEADERS
from tests.support.http import HTML, Browser, application
from tests.support.incidents import name, reported, rows
from tests.support.inside import as_person
from tests.support.people import Region
from tests.support.queue import drain

pytestmark = pytest.mark.crawl

CANARY = ("Қырғауылова", "Әйсәуле", "990101400999")


def routes(app: Litestar | None = None) -> list[tuple[str, str, HTTPRouteHandler]]:
    return [
        (method, route.path, handler)
        for route in (app or application()).routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"})
    ]


def filled(path: str, identifier: object) -> str:
    path = re.sub(r"\{file_path:path\}", "main.css", path)
    return re.sub(r"\{\w+:str\}", "kk", re.sub(r"\{\w+:uuid\}", str(identifier), path))


async def test_s_29_a_route_without_permission_stops_the_start(region: Region) -> None:
    @get("/stray")
    async def stray() -> None: ...

    app = create_app()
    app.register(stray)
    with pytest.raises(UnguardedRouteError):
        check_routes(app)


async def test_s_29_every_route_but_the_public_ones_asks_for_a_sign_in(browser: Browser, region: Region) -> None:
    visitor = browser.visitor()
    for method, path, _ in routes():
        answer = await visitor.request(method, filled(path, new_id()), headers=HTML if method == "GET" else {})
        public = path in PUBLIC_ROUTES
        assert public or answer.status_code in (401, 303), (method, path, answer.status_code)


async def test_s_59_every_response_of_every_route_carries_the_headers(browser: Browser, region: Region) -> None:
    client = await browser(region.saule)
    for method, path, _ in routes():
        answer = await client.request(method, filled(path, new_id()))
        assert {h: answer.headers.get(h) for h in HEADERS} == HEADERS, path
        assert path.startswith("/assets") or answer.headers["cache-control"] == "no-store", path


async def test_s_25_no_unsafe_route_works_without_the_token(browser: Browser, region: Region) -> None:
    client = await browser(region.saule)
    for method, path, handler in routes():
        if method == "GET" or not handler.opt.get("permission"):
            continue
        answer = await client.request(method, filled(path, new_id()), json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "forged_request"), path


async def test_s_12_every_id_answers_alike_foreign_or_random(browser: Browser, region: Region) -> None:
    incident = await reported(browser, region)
    stranger = await browser(region.zhanna)
    colleague = await browser(region.marat)
    for method, path, _ in routes():
        if ":uuid}" not in path:
            continue
        for client in (stranger, colleague):
            answers = [
                await client.request(
                    method, filled(path, i), headers={"X-CSRF-Token": client.csrf}, json={} if method != "GET" else None
                )
                for i in (incident, new_id())
            ]
            assert answers[0].status_code == answers[1].status_code, path
            assert answers[0].content == answers[1].content, path


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"description": {"a": 1}}', b'{"description": "\\u0000"}', b"\xff\xfe", b"1"]
)
async def test_a_damaged_body_is_answered_in_words_and_echoes_nothing(
    browser: Browser, region: Region, body: bytes
) -> None:
    client = await browser(region.marat)
    answer = await client.post(
        "/report", content=body, headers={"X-CSRF-Token": client.csrf, "Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_s_57_no_field_is_echoed_in_an_error(browser: Browser, region: Region) -> None:
    client, incident = await browser(region.saule), await reported(browser, region)
    for verb in ("people", "screen", "triage", "hear", "finish", "classify", "search"):
        fields = dict.fromkeys(
            (
                "person_id",
                "involvement",
                "kind",
                "investigators",
                "support",
                "version",
                "harmed",
                "held_at",
                "waiver",
                "outcome",
                "attended",
                "level-canary-value",
                "text2",
            ),
            "canary-value",
        )
        answer = await client.act(f"/incidents/{incident}/{verb}", fields)
        assert answer.status_code == 422, verb
        assert "canary-value" not in answer.text.replace("level-canary-value", ""), verb


def every_field() -> list[str]:
    """The names of the fields of every form that the application has."""
    create_app()
    return sorted({field.name for spec in gc.get_objects() if isinstance(spec, Spec) for field in spec})


@pytest.mark.trust
async def test_s_57_no_unsafe_route_repeats_what_any_field_was_sent(browser: Browser, region: Region) -> None:
    clients = [await browser(one) for one in (region.saule, region.daulet, region.timur, region.asel, region.oleg)]
    clients += [await browser(one) for one in (region.zhanna, region.alua, region.kamila, region.bota)]
    names, refused = every_field(), set()
    parts = [names[first : first + 150] for first in range(0, len(names), 150)]  # more keys than that no form has
    assert len(names) > 150
    for method, path, _ in routes():
        if method == "GET" or path == "/sign-out":
            continue
        for client in clients:
            token = {"X-CSRF-Token": client.csrf}
            for part in parts:
                body = dict.fromkeys(part, "Жаңғырықмаркер")
                answer = await client.request(method, filled(path, new_id()), json=body, headers=token)
                assert answer.status_code < 500, path
                assert "Жаңғырықмаркер" not in answer.text + str(answer.headers), path
                if answer.status_code == 403:
                    break
                refused |= {path} if answer.status_code == 422 else set()
            if answer.status_code != 403:
                break
    assert len(refused) > 60


async def test_a_body_over_the_limit_is_refused_in_words(browser: Browser, region: Region) -> None:
    client = await browser(region.marat)
    answer = await client.act("/report", {"description": "я" * 2_000_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_the_api_describes_itself_to_people_who_are_signed_in(browser: Browser, region: Region) -> None:
    assert (await browser.visitor().get("/api/schema/openapi.json")).status_code == 401
    schema = (await (await browser(region.aigerim)).get("/api/schema/openapi.json")).json()
    assert "/incidents/{incident_id}" in schema["paths"]
    assert "IncidentView" in str(schema["components"]["schemas"].keys())


async def test_s_16_a_planted_name_appears_nowhere_but_where_it_was_asked_for(
    browser: Browser, region: Region, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with as_person(region.aigerim) as work:
        child = await vault.add_person(
            work, "student", Identity(family_name=CANARY[0], given_name=CANARY[1], iin=CANARY[2])
        )
    incident = await reported(browser, region)
    await name(browser, region, incident, str(child), "victim")
    await drain()
    app = create_app()
    for person in region.people.values():
        client = await browser(person)
        for method, path, _ in routes(app):
            if method != "GET":
                continue
            for headers in ({}, HTML):
                answer = await client.get(filled(path, incident), headers=headers)
                everything = answer.text + str(answer.headers)
                assert not any(mark in everything for mark in CANARY), (person.name, path)
    dump = str(rows(database, "select t::text from outbox t")) + str(rows(database, "select t::text from audit_log t"))
    dump += str(rows(database, "select t::text from notification t")) + "".join(capfd.readouterr())
    assert not any(mark in dump for mark in CANARY)


async def test_s_33_a_damaged_policy_closes_everything(browser: Browser, region: Region, tmp_path: Any) -> None:
    client = await browser(region.aigerim)
    (tmp_path / "model.conf").write_text("nonsense")
    (tmp_path / "policy.csv").write_text("")
    with pytest.raises(policy.PolicyError):
        policy.load(tmp_path)
    closed, ready = await client.get("/incidents"), await client.get("/ready")
    policy.load()
    assert (closed.status_code, ready.status_code) == (403, 503)
    assert (await client.get("/incidents")).status_code == 200
