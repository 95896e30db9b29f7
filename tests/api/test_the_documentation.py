"""`docs/api.md` says what the routes do: its operations are written from them, its example is run as it stands."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import uvicorn
from litestar.handlers import HTTPRouteHandler
from msgspec import inspect

from src.platform.access import scopes
from src.platform.cli.local.ports import free_port
from src.platform.kit import forms
from src.platform.kit.payload import Field, Parsed, Spec
from src.platform.web.app import create_app
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region
from tests.support.programs import ALL, made, program
from tests.support.queue import drain
from tests.support.referrals import sent
from tests.web.test_every_route import routes

PAGE = Path("docs/api.md")
BEGIN = "<!-- written by QORGAN_WRITE_DOCS=1 pytest tests/api/test_the_documentation.py -->\n"
END = "<!-- the end -->"
_TYPE = re.compile(r":\w+}")
CLOSED = "slice"
"""Who the child is: no token opens it."""
KINDS = {
    "text": "text, at most {most} characters",
    "longtext": "text, at most {most} characters",
    "int": "whole number, 0 to {most}",
    "bool": "true or false",
    "date": "day",
    "enum": "one of {options}",
    "file": "JPEG, PNG or PDF, at most {most} bytes; only as `multipart/form-data`",
}
MOST = {"text": 500, "longtext": 20_000, "int": 1_000_000}


@pytest.fixture(scope="module")
async def token(region: Region, browser: Browser) -> str:
    paper: dict[str, str] = await made(await browser(region.timur), ALL)
    return paper["token"]


async def test_s_55_the_operations_stand_in_the_documentation_with_every_field(
    browser: Browser, region: Region, database: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, client, asked = await sent(browser, region, database), program(browser, token), dict[str, Spec]()

    def read(raw: Any, spec: Spec) -> Parsed:
        asked[name] = spec
        return original(raw, spec)

    original = forms.read_payload
    monkeypatch.setattr(forms, "read_payload", read)
    handlers = {handler.name: (method, where, handler) for method, where, handler in routes()}
    for name in sorted(scopes.operations_of(ALL)):
        method, where, _ = handlers[name]
        address = where.replace("{referral_id:uuid}", path[-36:])
        answer = await client.request(method, address, json={} if method == "POST" else None)
        assert answer.status_code == (422 if method == "POST" else 200), (name, answer.text)
    written = "".join(_operation(*handlers[name], asked.get(name, Spec())) for name in _in_order())
    written += "## What an answer holds\n\n" + "".join(_struct(one) for one in _structs(handlers))
    head = _compared(written)
    errors = {"api.token_refused", "api.out_of_scope", "api.two_proofs", "api.too_many_requests", "api.key_reused"}
    assert errors <= set(re.findall(r"`(api\.\w+)`", head))


async def test_r_147_the_example_of_the_documentation_runs_as_it_stands_and_twice_reports_once(
    browser: Browser, region: Region, database: str, token: str, tmp_path: Path
) -> None:
    path = await sent(browser, region, database)
    _write_example(tmp_path / "example.py")
    async with _served() as address:
        said = [await _run(tmp_path / "example.py", address, token) for _ in range(2)]
        stopped = await _run(tmp_path / "example.py", address, "qorgan_wrong")
    assert [code for code, _ in said] == [0, 0], said
    assert ("accepted" in said[0][1], "reported" in said[0][1], said[1][1]) == (True, True, "")
    assert (stopped[0], "401 api.token_refused" in stopped[1]) == (1, True)
    await drain()
    reports = rows(database, "select count(*) from weekly_report where referral_id = %s", path[-36:])
    keyed = rows(database, "select count(*) from api_answer where location = %s", path)
    assert (reports, keyed) == ([(1,)], [(2,)])


def _compared(written: str) -> str:
    """Compare the written part, or write it; what people wrote above it."""
    head, _, rest = PAGE.read_text().partition(BEGIN)
    if os.environ.get("QORGAN_WRITE_DOCS"):
        PAGE.write_text(f"{head}{BEGIN}\n{written}{END}\n")
    else:
        assert rest.partition(END)[0].strip() == written.strip()
    return head


def _write_example(file: Path) -> None:
    (text,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    file.write_text(text)


@asynccontextmanager
async def _served() -> AsyncIterator[str]:
    """The service on a port of this machine, in this process."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(), host="127.0.0.1", port=port, log_config=None))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # the server has no event for it
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running


async def _run(file: Path, address: str, token: str) -> tuple[int | None, str]:
    """What the example prints, in an environment that holds nothing else of ours."""
    known = {"QORGAN_URL": address, "QORGAN_TOKEN": token, "PYTHONIOENCODING": "utf-8"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(file), env=known, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await child.communicate()
    return child.returncode, out.decode()


def _in_order() -> Iterator[str]:
    for name in ALL:
        policy = scopes.catalogue(Path("policies"))[name]
        yield from sorted(policy.operations)


def _operation(method: str, where: str, handler: HTTPRouteHandler, spec: Spec) -> str:
    (scope,) = [name for name in ALL if handler.name in scopes.catalogue(Path("policies"))[name].operations]
    said = (handler.fn.__doc__ or "").strip().partition("\n")[0]
    answer = _answer(handler)
    leads = f"Answers `{answer.__name__}`." if answer else "Answers 303."
    lines = [f"### `{method} {_TYPE.sub('}', where)}`", "", f"Scope `{scope}`. {said} {leads}", ""]
    if spec:
        lines += ["| Field | Needed | Value |", "|---|---|---|", *map(_field, spec), ""]
    return "\n".join(lines) + "\n"


def _field(field: Field) -> str:
    most = field.most or MOST.get(field.kind, "")
    value = KINDS[field.kind].format(most=most, options=", ".join(f"`{one}`" for one in sorted(field.options)))
    return f"| `{field.name}` | {'yes' if field.required else ''} | {value} |"


def _answer(handler: HTTPRouteHandler) -> type[msgspec.Struct] | None:
    """The struct of a page; what is only done answers with an address."""
    (found, *_) = (*get_args(handler.parsed_fn_signature.return_type.annotation), None)
    return found if isinstance(found, type) and issubclass(found, msgspec.Struct) else None


def _structs(handlers: dict[Any, tuple[str, str, HTTPRouteHandler]]) -> list[inspect.StructType]:
    """Every struct in the answers of the operations, once, in the order in which they are met."""
    waiting: list[Any] = [inspect.type_info(one) for name in _in_order() if (one := _answer(handlers[name][2]))]
    found: dict[type, inspect.StructType] = {}
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, inspect.StructType) and one.cls not in found:
            found[one.cls] = one
            waiting += [field.type for field in one.fields if field.name != CLOSED]
        waiting += [getattr(one, name) for name in ("item_type", "value_type") if hasattr(one, name)]
        waiting += getattr(one, "types", ())
    return list(found.values())


def _struct(one: inspect.StructType) -> str:
    lines = [f"### `{one.cls.__name__}`", "", "| Field | Value |", "|---|---|"]
    lines += [
        f"| `{field.name}` | {'null: a person opens it' if field.name == CLOSED else _type(field.type)} |"
        for field in one.fields
    ]
    return "\n".join([*lines, "", ""])


def _type(one: Any) -> str:
    simple = {
        inspect.StrType: "text",
        inspect.IntType: "number",
        inspect.BoolType: "true or false",
        inspect.UUIDType: "id",
        inspect.DateType: "day",
        inspect.DateTimeType: "time",
        inspect.NoneType: "null",
    }
    if isinstance(one, inspect.StructType):
        return f"`{one.cls.__name__}`"
    if isinstance(one, inspect.UnionType):
        return " or ".join(_type(part) for part in one.types)
    if isinstance(one, inspect.LiteralType):
        return "one of " + ", ".join(f"`{value}`" for value in one.values)
    if isinstance(one, inspect.DictType):
        return f"object: {_type(one.key_type)} to {_type(one.value_type)}"
    return f"list of {_type(one.item_type)}" if isinstance(one, inspect.ListType) else simple[type(one)]
