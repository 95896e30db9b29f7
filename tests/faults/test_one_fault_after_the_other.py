"""`make faults`: web, worker, relay, Valkey and PostgreSQL as processes, with load, meet one fault after the other.

After each: what was acknowledged is there, no effect is doubled, every change has its audit row, and the service is back
within its bounds. Prints a table.
"""

import os
import signal
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest

from tests.support.commands import qorgan
from tests.support.faults import CLOCK, HEADING, Fault, Service, met, running
from tests.support.fire import burning
from tests.support.incidents import rows
from tests.support.mail import address_of

pytestmark = pytest.mark.faults

_SLOW = 0.15


def _process(name: str) -> list[Fault]:
    return [
        Fault(name, "kill -9", lambda s: s.processes.kill(name), lambda s: s.processes.start(name), 0.5),
        Fault(
            name,
            "SIGSTOP",
            lambda s: s.processes.send(name, signal.SIGSTOP),
            lambda s: s.processes.send(name, signal.SIGCONT),
        ),
    ]


def _server(name: str, kill: Callable[[Service], None]) -> list[Fault]:
    return [
        Fault(name, "kill -9", kill, hold=0),
        Fault(
            name,
            "SIGSTOP",
            lambda s: s.servers.send(name, signal.SIGSTOP),
            lambda s: s.servers.send(name, signal.SIGCONT),
        ),
    ]


def _line(name: str) -> list[Fault]:
    return [
        Fault(name, "latency", lambda s: s.lines[name].slow_down(_SLOW), lambda s: s.lines[name].heal()),
        Fault(name, "reset", lambda s: s.lines[name].cut(), hold=0),
        Fault(name, "half-open", lambda s: s.lines[name].fall_silent(), lambda s: s.lines[name].heal(), 6.0),
    ]


FAULTS = [
    *_process("web"),
    *_process("worker"),
    *_process("relay"),
    *_server("valkey", lambda s: s.servers.kill_valkey()),
    *_server("postgres", lambda s: s.servers.kill_postgres()),
    *_line("postgres"),
    *_line("valkey"),
    *_line("smtp"),
    Fault(
        "clock",
        "8 days on, back",
        lambda s: rows(s.servers.url, CLOCK, 8) and None,
        lambda s: rows(s.servers.url, CLOCK, 0) and None,
    ),
]


@pytest.fixture(scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    with burning(tmp_path_factory.mktemp("faults")) as servers:
        async with running(servers, tmp_path_factory.mktemp("service")) as service:
            yield service


async def test_s_38_s_43_s_44_s_45_s_46_s_47_s_48_s_54_every_promise_is_kept_after_every_fault(
    service: Service,
) -> None:
    only, broken = os.environ.get("ONLY", ""), []
    print(f"\n{HEADING}")  # noqa: T201
    for fault in FAULTS:
        if only in f"{fault.part} {fault.kind}":
            line = await met(service, fault)
            print(line, flush=True)  # noqa: T201
            broken += line.broken
            if line.acknowledged == 0:
                broken.append(f"{fault.part} {fault.kind}: nothing was acknowledged at all")
    assert broken == []
    checked = await qorgan("audit", "verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "оқиға" not in service.processes.text()
    assert {one.to for one in service.post.letters} == {address_of(service.region.saule)}
    with psycopg.connect(service.servers.url) as admin:
        assert admin.execute("select from outbox where dead_at is not null").fetchall() == []
