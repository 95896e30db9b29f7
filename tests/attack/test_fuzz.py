"""S-55, S-57: every route, with everything that can be bent bent: never an error of ours, never a value handed back.

The document of the API (`test_schema.py`) says which answers there are; here stands what it cannot say: forms of
pages, types that no field has, broken encodings, odd addresses, and the names of every field that a route reads.
"""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from src.platform.kit.payload import Field
from tests.support.http import Browser, Client
from tests.support.people import Person, Region
from tests.support.specs import heard
from tests.support.world import World, lived
from tests.web.test_every_route import routes

pytestmark = pytest.mark.trust

EXAMPLES = 12
CANARY = "Канарейкамаркер"
ENDS_THE_SESSION = {"accounts.sign_out", "accounts.switch", "accounts.change_password"}
DEEP: Any = []
for _ in range(40):
    DEEP = [DEEP]
BENT: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**30, 1.5, 1e308, [], {}, [None], [[]], {"a": {"b": 1}}, DEEP, [CANARY] * 1_500),
    *("", " ", "0", "-0", "\x00", "a\x00b", "\ud800", "👩‍👧‍👦" * 400, "я" * 30_000, "\u202e" + CANARY, "\u2028", "١٢٣"),
    *("0000-00-00", "9999-12-31", "0001-01-01T00:00:00-23:59", "9999-12-31T23:59:59.999999+14:00", "24:00", "2026-W99"),
    *(
        "{" + str(uuid4()) + "}",
        str(uuid4()).upper(),
        "urn:uuid:" + str(uuid4()),
        "=1+1",
        "../../etc/passwd",
        "%00",
        "'",
    ),
    *("2026-11-31", "1e9", "NaN", "Infinity", "on", "\r\nSet-Cookie: a=b", "<script>", "{{ 7*7 }}", CANARY),
)
values = st.one_of(st.sampled_from(BENT), st.text(max_size=40), st.integers(), st.dates().map(str), st.uuids().map(str))
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(
            ["text/html", "*/*", "", "text/html;q=x", "application/json, text/html", "a/b" * 900]
        ),
        "Accept-Language": st.sampled_from(["kk", "zz-ZZ;q=9", "*", "kk;q=", "🙂".encode().decode("latin-1")]),
        "Cookie": st.sampled_from(["__Host-qorgan=;", "a=b; a=c", "language=\x7f", "language=xx", '"']),
        "HX-Request": st.just("true"),
        "Idempotency-Key": st.sampled_from(["", "x" * 5_000, "я".encode().decode("latin-1")]),
        "If-None-Match": st.just("*"),
        "Range": st.just("bytes=0-99999999999,-1"),
        "X-Forwarded-For": st.just("::1, , 999.1.1.1"),
        "Content-Encoding": st.sampled_from(["gzip", "x"]),
    },
)
KINDS = st.sampled_from(["json", "json", "json", "form", "form", "multipart", "raw", "twice"])
RAW = st.sampled_from(
    [
        b"",
        b"{",
        b"[" * 5_000,
        b"\xff\xfe",
        b"null",
        b"1",
        b'"a"',
        b'{"a":1e400}',
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b"a=%ZZ&&=&a",
    ]
)
TYPES = st.sampled_from(
    [
        *(
            "application/json",
            "application/json; charset=utf-16",
            "application/json; charset=nonsense",
            "text/plain",
            "",
        ),
        *(
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "application/xml",
        ),
        *("multipart/form-data; boundary=x", "application/msgpack", "application/problem+json", "/", "a;b;c"),
    ]
)
NAMES = (
    *(f"level-{uuid4()}", "people-0-name", "people-999-name", "csrf_token", "_draft", "version", CANARY, "", "🙂"),
)


@dataclass
class Route:
    """A route, somebody who gets further than its door, and the fields it reads."""

    method: str
    path: str
    person: Person
    fields: list[Field] = field(default_factory=list)


@dataclass
class Sent:
    """What an example sends."""

    headers: dict[str, str]
    content: bytes
    query: str
    address: str


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


@pytest.fixture(scope="module")
async def known(region: Region, browser: Browser, world: World) -> list[Route]:
    """Every route with who may use it; where nobody may, somebody at its door."""
    found = []
    for method, path, handler in routes():
        if handler.name in ENDS_THE_SESSION:
            continue
        made = Route(method, path, region.saule)
        for person in region.people.values():
            client = await browser(person)
            with heard() as fields:
                body = None if method == "GET" else {}
                answer = await client.request(
                    method, world.fill(path), json=body, headers={"X-CSRF-Token": client.csrf}
                )
            if answer.status_code not in (401, 403, 404):
                made = Route(method, path, person, fields)
                break
        found.append(made)
    return found


def bodies(fields: list[Field]) -> st.SearchStrategy[dict[str, Any]]:
    names = [one.name for one in fields] + [f"{one.name}-day" for one in fields if one.kind == "date"]
    names += [f"{one.name}-0-{column.name}" for one in fields for column in one.fields]
    right = {one.name: sorted(one.options) for one in fields if one.options}
    some = st.sampled_from([*names, *NAMES] if not names else [*names, *names, *NAMES])

    def valued(name: str) -> st.SearchStrategy[tuple[str, Any]]:
        known = st.sampled_from(right[name]) if name in right else values
        return st.tuples(st.just(name), st.one_of(values, known))

    return st.lists(some.flatmap(valued), max_size=8).map(dict)


@st.composite
def requests(draw: st.DrawFn, one: Route, world: World) -> Sent:
    """Some request to a route: a body, a kind of body, headers, a question, an address that is bent at times."""
    body, kind = draw(bodies(one.fields)), draw(KINDS)
    headers = draw(HEADERS)
    content, media = encoded(body, kind, draw(RAW))
    headers["Content-Type"] = draw(TYPES) if kind == "raw" else media
    asked = draw(bodies(one.fields)) if one.method == "GET" else {}
    query = urlencode([(str(k), _text(v)) for k, v in asked.items()], errors="ignore")
    address = world.fill(one.path)
    if "{" in one.path and draw(st.booleans()):
        odd = draw(
            st.sampled_from(["%00", "..%2f..", "a" * 3_000, quote("🙂"), "%ff%fe", "'", "*", str(uuid4()), "null"])
        )
        head, _, tail = one.path.rpartition("{")
        address = world.fill(head) + odd + world.fill(tail.partition("}")[2])
    return Sent(headers, b"" if one.method == "GET" else content, query, address)


def encoded(body: dict[str, Any], kind: str, raw: bytes) -> tuple[bytes, str]:
    if kind == "form":
        pairs = urlencode([(str(k), _text(v)) for k, v in body.items()], errors="ignore")
        return pairs.encode(), "application/x-www-form-urlencoded"
    if kind == "multipart":
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{_text(v)}\r\n'.encode(errors="ignore")
            for k, v in body.items()
        ]
        return b"".join(parts) + b"--x--\r\n", "multipart/form-data; boundary=x"
    told = json.dumps(body).encode()
    if kind == "twice":
        return told[:-1] + (b", " if body else b"") + b'"version": 1, "version": 2}', "application/json"
    return (raw if kind == "raw" else told), "application/json"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


async def sent(client: Client, one: Route, made: Sent) -> httpx.Response:
    headers = {"X-CSRF-Token": client.csrf} | {k: v for k, v in made.headers.items() if v.isprintable()}
    cookie = headers.pop("Cookie", None)
    if cookie is not None:
        own = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
        headers["Cookie"] = f"{own}; {cookie}"
    address = made.address + (f"?{made.query[:8_000]}" if made.query else "")
    return await client.request(one.method, address, content=made.content, headers=headers)


def fault(answer: httpx.Response) -> str:
    """What is wrong with an answer, whatever was asked."""
    if answer.status_code >= 500:
        return "an error of ours"
    is_problem = "json" in answer.headers.get("content-type", "") and answer.status_code >= 400
    return "a value is handed back" if is_problem and CANARY in answer.text else ""


async def test_s_55_s_57_no_route_breaks_or_echoes_whatever_is_sent(
    region: Region, browser: Browser, world: World, known: list[Route]
) -> None:
    loop, faults, statuses = asyncio.get_running_loop(), [], dict[int, int]()

    def wait(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    def attack(one: Route) -> None:
        client = wait(browser(one.person))

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests(one, world))
        def some(made: Sent) -> None:
            answer = wait(sent(client, one, made))
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            if wrong := fault(answer):
                faults.append(
                    (wrong, one.method, one.path, one.person.name, made.headers, made.query[:200], made.content[:200])
                )

        some()

    for one in known:
        await asyncio.to_thread(attack, one)
    assert faults == []
    assert sum(statuses.values()) >= len(known) * EXAMPLES * 0.8
    assert statuses.get(401, 0) < sum(statuses.values()) / 20, statuses  # they stayed signed in
    assert len(known) > 290


async def test_s_55_every_other_method_of_every_address_is_refused_in_words(
    region: Region, browser: Browser, world: World
) -> None:
    client, odd = await browser(region.saule), []
    for path in sorted({path for _, path, _ in routes()}):
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            answer = await client.request(method, world.fill(path), headers={"X-CSRF-Token": client.csrf})
            if answer.status_code not in (403, 404, 405):
                odd.append((method, path, answer.status_code))
    assert odd == []


async def test_s_57_a_page_that_nobody_may_see_never_repeats_its_address(region: Region, browser: Browser) -> None:
    client, said = await browser(region.marat), []
    for path in (f"/incidents/{CANARY}", f"/{CANARY}", f"/access/why/{CANARY}", f"/lang/{CANARY}", f"/s/{CANARY}"):
        answer = await client.get(path, params={"lang": CANARY})
        if answer.status_code >= 400 and CANARY in answer.text:
            said.append(path)
    assert said == []
