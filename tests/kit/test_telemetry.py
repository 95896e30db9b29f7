"""Whatever happens, no value leaves in a log line or a Sentry event: sixteen ways in, through web and worker."""

import asyncio
import io
import json
import logging
import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import dramatiq
import pytest
import sentry_sdk
import structlog
from dramatiq import Worker
from dramatiq.brokers.stub import StubBroker
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sqlalchemy import text

from src.platform.db.unit import Unit
from src.platform.incidents import service as incidents
from src.platform.kit import telemetry
from src.platform.kit.settings import settings
from src.platform.outbox import service as outbox
from src.platform.outbox.actors import actor
from src.platform.outbox.run import run_job
from tests.support.http import Browser
from tests.support.inside import inside
from tests.support.people import Region

CANARY = "Қырғауылова Әйсәуле"
LATIN = "canary-kyrgauylova-870155512"
sent: list[Envelope] = []


class Caught(Transport):
    """Keeps what would have been sent."""

    def capture_envelope(self, envelope: Envelope) -> None:
        sent.append(envelope)


def envelopes() -> bytes:
    return b"\n".join(envelope.serialize() for envelope in sent)


def leaks(output: str) -> list[str]:
    wanted = (CANARY, LATIN, json.dumps(CANARY)[1:-1], "Қырғауылова", "870155512")
    return [one for one in wanted if one in output or one.encode() in envelopes()]


@actor("trial.leak")
async def _leak(unit: Unit, token: UUID) -> None:
    held = {"name": CANARY, "token": token, "text": LATIN}
    logging.getLogger("library").error("cannot work on %s", CANARY, extra={"who": LATIN})
    await unit.session.execute(text("select cast(:name as int)"), {"name": held["name"]})


@pytest.fixture
def output(region: Region) -> Iterator[io.StringIO]:
    """The log of a process whose Sentry is on."""
    sent.clear()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    os.environ["QORGAN_SENTRY_DSN"] = "https://key@sentry.invalid/1"
    settings.cache_clear()
    stream = io.StringIO()
    telemetry.start("worker", stream=stream, transport=Caught)
    yield stream
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    del os.environ["QORGAN_SENTRY_DSN"]
    settings.cache_clear()
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


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
    assert any(line["event"] == "refused: %s" for line in lines)
    assert b"RuntimeError" in envelopes()
    assert b'"route":"/report"' in envelopes()
    assert leaks(output.getvalue()) == []


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
