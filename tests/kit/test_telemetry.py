"""Whatever happens, no value leaves in a log line or a Sentry event: sixteen ways in, through web and worker."""

import ast
import asyncio
import gc
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import dramatiq
import pytest
import sentry_sdk
from dramatiq import Worker
from dramatiq.brokers.stub import StubBroker
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from src.platform.db.unit import Unit
from src.platform.incidents import service as incidents
from src.platform.incidents import views
from src.platform.kit import telemetry
from src.platform.kit.errors import StaleVersion
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.outbox.actors import actor
from src.platform.outbox.run import run_job
from src.platform.referrals import partner_views
from tests.support.http import Browser
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.programs import made, program
from tests.support.telemetry import envelopes, listening, sent

CANARY = "Қырғауылова Әйсәуле"
LATIN = "canary-kyrgauylova-870155512"


def leaks(output: str) -> list[str]:
    wanted = (CANARY, LATIN, json.dumps(CANARY)[1:-1], "Қырғауылова", "870155512")
    return [one for one in wanted if one in output or one.encode() in envelopes()]


class Talkative:
    """An object that says too much of itself."""

    def __repr__(self) -> str:
        return CANARY


async def careless(unit: Unit) -> None:
    """Every way in that is not the request: a repr, a tag, log message, arguments and extra, SQL literal and values."""
    held = Talkative()
    sentry_sdk.set_tag("who", CANARY)
    sentry_sdk.set_user({"id": LATIN})
    library = logging.getLogger("library")
    library.error(f"cannot work on {CANARY}")  # what libraries do
    library.error("cannot work on %s", CANARY, extra={"who": LATIN})
    try:
        async with unit.session.begin_nested():
            await unit.session.execute(text(f"select cast('{LATIN}' as int)"))  # a literal is meant
    except DBAPIError as error:
        library.exception(f"refused {error}", exc_info=error)
        await unit.session.execute(text("select cast(:name as int)"), {"name": str(held)})


@actor("trial.leak")
async def _leak(unit: Unit, token: UUID) -> None:
    await careless(unit)


@pytest.fixture
def output(region: Region) -> Iterator[io.StringIO]:
    """The log of a process whose Sentry is on."""
    with listening() as stream:
        yield stream


async def test_s_58_an_error_of_a_page_leaves_as_type_and_places(
    region: Region, browser: Browser, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(unit: Unit, new: Any) -> None:
        local = f"{CANARY} {new}"
        logging.getLogger("library").error("refused: %s", local, extra={"who": CANARY})
        raise RuntimeError(local)

    monkeypatch.setattr(incidents, "report", broken)
    marat = await browser.fresh(region.marat)
    marat.cookies.set("who", LATIN)
    answer = await marat.post(
        f"/report?who={LATIN}",
        json={"description": CANARY},
        headers={
            "X-CSRF-Token": marat.csrf,
            "X-Who": LATIN,
            "X-Forwarded-For": LATIN,
            "User-Agent": LATIN,
        },
    )
    assert answer.status_code == 500
    assert (LATIN in answer.text, CANARY in answer.text) == (False, False)
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert (failed["error"], failed["route"], failed["process"]) == ("RuntimeError", "/report", "worker")
    assert any("broken" in place for place in failed["at"])
    assert any(line["event"] == "library" and line["at"][0].endswith(" broken") for line in lines)
    assert b"RuntimeError" in envelopes()
    assert b'"route":"/report"' in envelopes()
    assert leaks(output.getvalue()) == []


async def test_s_58_no_way_into_a_page_leads_to_a_line_or_an_envelope(
    region: Region, browser: Browser, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(unit: Unit, incident_id: UUID) -> None:
        local = f"{CANARY} {incident_id}"
        try:
            await careless(unit)
        except DBAPIError as error:
            raise RuntimeError(local) from error

    monkeypatch.setattr(views, "one", broken)
    saule = await browser.fresh(region.saule)
    saule.cookies.set("who", LATIN)
    marks = {"Authorization": f"Basic {LATIN}", "X-Who": LATIN, "X-Forwarded-For": LATIN, "User-Agent": LATIN}
    answer = await saule.get(f"/incidents/{new_id()}/steps/{LATIN}?who={LATIN}", headers=marks)
    assert (answer.status_code, LATIN in answer.text) == (500, False)
    assert all(
        part in envelopes() for part in (b"RuntimeError", b"DataError", b'/incidents/{incident_id}/steps/{step}"')
    )
    assert leaks(output.getvalue()) == []


async def test_s_58_the_token_of_a_program_is_in_no_line_and_no_envelope(
    region: Region, browser: Browser, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(unit: Unit, **asked: str) -> None:
        local = f"{CANARY} {asked}"
        raise RuntimeError(local)

    monkeypatch.setattr(partner_views, "inbox", broken)
    token = (await made(await browser.fresh(region.timur), ["read"]))["token"]
    for sent_token, status in ((token, 500), (LATIN, 401)):
        answer = await program(browser, sent_token).get("/inbox", headers={"Idempotency-Key": LATIN})
        assert (answer.status_code, sent_token in answer.text) == (status, False)
    assert b"RuntimeError" in envelopes()
    assert token not in output.getvalue()
    assert token.encode() not in envelopes()
    assert leaks(output.getvalue()) == []


async def test_s_58_what_python_itself_would_print_is_cut_too(
    output: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    async def forgotten() -> None:
        raise ValueError(CANARY)

    def fails() -> None:
        raise KeyError(CANARY)

    task = asyncio.create_task(forgotten())
    await asyncio.sleep(0)
    del task
    gc.collect()
    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    warnings.showwarning(UserWarning(CANARY), UserWarning, "library.py", 1)
    sys.excepthook(RuntimeError, RuntimeError(CANARY), None)
    unformattable = logging.makeLogRecord({"msg": "too %s few %s", "args": (CANARY,), "name": "library"})
    logging.getLogger().handlers[0].handle(unformattable)
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert {line["error"] for line in lines if "error" in line} == {"ValueError", "KeyError", "RuntimeError"}
    assert all(kind in envelopes() for kind in (b"KeyError", b"RuntimeError"))
    assert leaks(output.getvalue() + "".join(capfd.readouterr())) == []


async def test_an_expected_error_leaves_with_its_stable_code(output: io.StringIO) -> None:
    telemetry.report(StaleVersion(), who=CANARY)
    assert b'"code":"stale_version"' in envelopes()
    assert leaks("") == []


def test_s_58_our_own_lines_are_constants() -> None:
    """A line of ours passes uncut, so its text must not be put together."""
    for file in Path("src/platform").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and getattr(node.func.value, "id", "") == "_log"
            ):
                assert len(node.args) == 1, (file, node.lineno)
                assert isinstance(node.args[0], ast.Constant), (file, node.lineno)


async def test_s_58_an_error_of_a_job_leaves_as_type_and_places(region: Region, output: io.StringIO) -> None:
    async with inside(region.organisations["school12"]) as work:
        row = await outbox.emit(work, "trial.leak", {"token": region.marat.user_id})
    assert await run_job(row) is False
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert next(line for line in lines if line["event"] == "job_failed")["outbox_id"] == str(row)
    assert b"DataError" in envelopes()
    assert leaks(output.getvalue()) == []


async def test_s_58_an_error_that_only_the_queue_sees_leaves_no_argument(output: io.StringIO) -> None:
    broker = StubBroker(middleware=[])  # made after Sentry, which watches brokers from their making
    broker.emit_after("process_boot")

    def fail(name: str) -> None:
        raise ValueError(name)

    declared = dramatiq.actor(actor_name="trial.fail", broker=broker)(fail)
    worker = Worker(broker, worker_timeout=10, worker_threads=1)
    worker.start()
    declared.send(CANARY)
    for _ in range(100):
        if sent:
            break
        await asyncio.sleep(0.02)
    worker.stop()
    broker.close()
    assert b"ValueError" in envelopes()
    assert leaks(output.getvalue()) == []


async def test_s_59_without_a_dsn_nothing_is_sent(region: Region) -> None:
    sent.clear()
    telemetry.report(RuntimeError(CANARY))
    assert sent == []
    assert not sentry_sdk.get_client().is_active()
