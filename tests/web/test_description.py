"""The document of the API says what the routes do: heard from the routes, read from their text, tried on the reader."""

import ast
import inspect
from datetime import date
from typing import Any, get_origin
from uuid import uuid4

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler

from src.platform.access import scopes
from src.platform.kit.ids import new_id
from src.platform.kit.payload import Field, Kind, Spec, read_payload
from src.platform.web.app import create_app
from src.platform.web.description import reads, shapes
from src.platform.web.description.document import document
from src.platform.web.public_routes import PUBLIC_ROUTES
from tests.support.http import Browser
from tests.support.people import Region
from tests.support.specs import heard
from tests.web.test_every_route import filled, routes

UNSEEN = {"web.health", "web.ready"}
TEXTS = (
    "",
    " ",
    "a",
    "a\x07b",
    " a\n",
    "a" * 501,
    "0",
    "7",
    "12",
    "-1",
    "on",
    "true",
    "2026-11-20",
    "2026-13-01",
    "9:70",
)
TEXTS += ("14:30", "2026-11-20T10:00", "2026-11-20T10:00:00+05:00", str(uuid4()), "yes", "a\u202eb", "1899-01-01")
VALUES: tuple[Any, ...] = (
    *TEXTS,
    None,
    True,
    False,
    0,
    7,
    12,
    10**9,
    1.5,
    7.0,
    [[None, ""]],
    " " * 600,
    [],
    [""],
    ["a"],
    [None],
    {},
    {"a": 1},
    ["0", 7],
)
KINDS: tuple[Kind, ...] = (
    "text",
    "longtext",
    "secret",
    "bool",
    "int",
    "date",
    "datetime",
    "time",
    "enum",
    "multi_enum",
)
KINDS += ("uuid", "uuids")
SOME = [Field("x", kind, required=must, options=frozenset({"a", "b"})) for kind in KINDS for must in (True, False)]
SOME += [Field("x", "text", many=True, required=must, most=20) for must in (True, False)]
SOME += [Field("x", "int", most=most) for most in (5, 9, 10, 99)]
SOME += [
    Field("x", "groups", fields=(Field("a", "text", required=True), Field("b", "int")), required=must)
    for must in (True, False)
]


@pytest.fixture(scope="module")
def app(database: str) -> Litestar:
    return create_app()


@pytest.fixture(scope="module")
def told(app: Litestar) -> dict[str, Any]:
    return document(app)


def operations(told: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {one["operationId"]: (path, m, one) for path, of in told["paths"].items() for m, one in of.items()}


def ours(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    found = [one for one in routes(app) if one[2].name and one[2].include_in_schema is not False]
    return [one for one in found if not one[1].startswith(("/assets", "/api/schema"))]


def test_every_route_stands_in_the_document_once(app: Litestar, told: dict[str, Any]) -> None:
    assert set(operations(told)) == {handler.name for _, _, handler in ours(app)} - UNSEEN
    assert sum(len(of) for of in told["paths"].values()) == len(operations(told)) > 300


def test_s_25_s_29_who_may_call_a_route_stands_in_the_document(app: Litestar, told: dict[str, Any]) -> None:
    known = operations(told)
    for method, path, handler in ours(app):
        _, _, one = known[str(handler.name)]
        names = {scheme for way in one["security"] for scheme in way}
        assert names == (set() if path in PUBLIC_ROUTES else {"session"}) | (
            {"program"} if scopes.is_operation(handler.name) else set()
        ), path
        asks = any("Token" in str(parameter) for parameter in one["parameters"])
        assert asks == (method != "GET" and path not in PUBLIC_ROUTES), path
        assert {"401", "403", "404", "422"} <= set(one["responses"]), path


def test_a_route_that_returns_no_page_and_no_file_leads_onwards(app: Litestar) -> None:
    """What the document says of `Response[Any]`: read from the text of the handlers and of what they call."""
    for _, path, handler in ours(app):
        if handler.opt.get("gives") or get_origin(handler.parsed_return_field.annotation) is not Response:
            continue
        if handler.parsed_return_field.annotation not in (Response[Any], Response[None]):
            continue
        function: Any = handler.fn
        for name in _returned(function):
            called = function.__globals__.get(name)
            assert name == "redirect" or set(_returned(called)) == {"redirect"}, (path, name)


def _returned(function: Any) -> list[str]:
    (tree,) = ast.parse(inspect.getsource(function)).body
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return [ast.unparse(one.func) for one in found if isinstance(one, ast.Call)] + [
        "?" for one in found if not isinstance(one, ast.Call)
    ]


def test_who_reads_fields_that_are_no_constant_says_so_aloud() -> None:
    async def handler(request: Any) -> None: ...

    with pytest.raises(TypeError, match="made"):
        reads._value(ast.parse("made(request)", mode="eval").body, handler.__globals__)
    with pytest.raises(TypeError, match="PARTS"):
        reads._value(ast.parse("PARTS", mode="eval").body, {"PARTS": ("a",)})


@pytest.mark.parametrize("field", SOME, ids=lambda one: f"{one.kind}-{'must' if one.required else 'may'}-{one.most}")
def test_the_schema_of_a_field_takes_what_its_reader_takes(field: Field) -> None:
    schema = {**shapes.of_json((field,)), "components": {"schemas": shapes.COMPONENTS}}
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["uuid", "date"]))
    for body in ({}, {"y": "1"}, *({"x": value} for value in VALUES)):
        taken = not read_payload(body, Spec(field)).errors
        assert checker.is_valid(body) == taken or _is_known_to_differ(field, body), (body, taken)


def _is_known_to_differ(field: Field, body: dict[str, Any]) -> bool:
    """A day is taken as a moment at midnight; nothing of the house sends it."""
    return (field.kind, body.get("x")) == ("datetime", "2026-11-20")


@given(st.text(max_size=30), st.sampled_from([Field("x", "text", most=20), Field("x", "longtext", most=20)]))
def test_a_text_that_the_schema_takes_is_taken(text: str, field: Field) -> None:
    schema = {**shapes.of_json((field,)), "components": {"schemas": shapes.COMPONENTS}}
    if jsonschema.Draft202012Validator(schema).is_valid({"x": text}):
        assert not read_payload({"x": text}, Spec(field)).errors


def test_a_form_may_send_a_day_in_three_fields_and_rows_by_number() -> None:
    field, rows = Field("day", "date", required=True), Field("people", "groups", fields=(Field("name", "text"),))
    form = shapes.of_form((field, rows, Field("file", "file")))
    assert {"day", "day-day", "day-month", "day-year", "file"} == set(form["properties"])
    assert set(form["patternProperties"]) == {"^people-[0-9]{1,3}-name$"}
    assert "file" not in shapes.of_json((field, rows, Field("file", "file")))["properties"]
    sent = {"day-day": "20", "day-month": "11", "day-year": "2026", "people-0-name": "A"}
    jsonschema.validate(sent, {**form, "components": {"schemas": shapes.COMPONENTS}})
    assert read_payload(sent, Spec(field, rows)).values["day"] == date(2026, 11, 20)


async def test_s_59_the_document_is_not_for_the_public(browser: Browser, region: Region, told: dict[str, Any]) -> None:
    for path in ("/api/schema/openapi.json", "/api/schema"):
        assert (await browser.visitor().get(path)).status_code == 401
    served = (await (await browser.fresh(region.marat)).get("/api/schema/openapi.json")).json()
    assert served["paths"].keys() == told["paths"].keys()
    report = served["paths"]["/report"]["post"]
    assert report["requestBody"]["content"]["application/json"]["schema"]["required"] == ["description"]
    assert set(report["requestBody"]["content"]) == {"application/json", "application/x-www-form-urlencoded"}
    files = served["paths"]["/my-reports/{report_id}/files"]["post"]["requestBody"]["content"]
    assert set(files) == {"multipart/form-data"}
    assert {"303", "401", "403", "409", "422"} <= set(report["responses"])


@pytest.mark.crawl
async def test_every_route_reads_the_fields_that_the_document_says(
    app: Litestar, told: dict[str, Any], browser: Browser, region: Region
) -> None:
    known, wrong, silent = operations(told), [], []
    for method, path, handler in sorted(ours(app), key=lambda one: one[2].name == "accounts.sign_out"):
        read = reads.of(handler)
        said = {one.name for one in (*read.query, *(read.body or ()))}
        _, _, one = known[str(handler.name)]
        names: set[str] = set()
        for person in region.people.values():
            client = await browser(person)
            with heard() as fields:
                await client.request(
                    method,
                    filled(path, new_id()),
                    json=None if method == "GET" else {},
                    headers={"X-CSRF-Token": client.csrf},
                )
            names |= {field.name for field in fields}
            if names:
                break
        if not names and said:
            silent.append(handler.name)
        elif names != said and handler.opt.get("reads") is None:
            wrong.append((handler.name, names ^ said))
        content = one.get("requestBody", {}).get("content", {})
        assert bool(content) == (read.body is not None), path
    assert wrong == []
    assert set(silent) == SILENT, " ".join(sorted(map(str, silent)))


SILENT = {"commission.close", "commission.give", "commission.write", "doors.answer", "doors.receipt", "doors.report"}
SILENT |= {"incidents.care_note", "referrals.prepare_help", "referrals.prepare_help_form", "referrals.report_by_link"}
SILENT |= {"roster.upload"}
"""Routes that look for their record first: with an id of nobody they never come to their fields."""
