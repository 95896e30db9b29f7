"""The whole service as processes under load, and what is counted of it before, in and after a fault."""

import asyncio
import itertools
import logging
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog

from src.platform.accounts.session_cookie import NAME
from src.platform.db import engine
from src.platform.kit.settings import settings
from src.platform.migrations import run
from src.platform.outbox.relay import LEASE_SECONDS
from src.platform.vault import service as vault
from tests.support.fire import Burning, until_quiet
from tests.support.http import PRINTED, browser_for
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.mail import proved
from tests.support.people import Region, found_region
from tests.support.post import PostOffice
from tests.support.processes import Processes
from tests.support.proxy import Proxy

ANSWERS_WITHIN = 30.0
"""Seconds after a fault is over until a report is acknowledged again (S-54), a new web process on a machine with other work included."""
QUIET_WITHIN = 2 * LEASE_SECONDS
"""Seconds after it until every effect is there: the lease of a killed worker, and at most as long again (S-45)."""
TEAM = 3
HEADING = "part      fault              ack.  refused  missing  effects  doubled unaudited answers after quiet after"
HOLD, WARM = 3.0, 0.7
_DOUBLED = "select count(*) from (select from notification where kind = 'incident_reported' group by subject_id, membership_id having count(*) > 1) as twice"
_HEARD = "select count(*) from (select from incident i left join notification n on n.subject_id = i.id and n.kind = 'incident_reported' group by i.id having count(n.id) <> %s) as other"
_UNAUDITED = (
    "select count(*) from report r where not exists (select from audit_log a where r.incident_id = any(a.record_ids))"
)
_CALLS = "select count(*) from (select from outbox where actor = 'incidents.tell_team' group by args having count(*) <> 1) as other"
CLOCK = "update platform_state set clock_offset = make_interval(days => %s) returning 1"


@dataclass
class Service:
    """The running service, the lines between its parts, and what was said to whom."""

    region: Region
    servers: Burning
    processes: Processes
    lines: dict[str, Proxy]
    post: PostOffice
    cookie: str
    csrf: str
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0
    last: float = 0.0
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def report(self, until: asyncio.Event) -> None:
        """One person after the other, each on a new connection where the last was lost."""
        headers = {"Cookie": f"{NAME}={self.cookie}", "X-CSRF-Token": self.csrf, "Origin": self.processes.address}
        while not until.is_set():
            async with httpx.AsyncClient(base_url=self.processes.address, headers=headers, timeout=4.0) as client:
                while not until.is_set():
                    text = f"оқиға {next(self._numbers)}"
                    body = {"description": text, "harmed": "no", "harm_danger": "no"}
                    try:
                        answer = await client.post("/report", json=body)
                    except httpx.HTTPError:
                        self.refused += 1
                        break
                    if answer.status_code == 303:
                        self.acknowledged.add(text)
                        self.last = time.monotonic()
                    else:
                        self.refused += 1
                    await asyncio.sleep(0.15)
            await asyncio.sleep(0.15)

    async def answers_after(self, moment: float) -> float:
        """Seconds until a report is acknowledged again; far too many when none is."""
        while True:
            if self.last >= moment:
                return self.last - moment
            if time.monotonic() > moment + 2 * ANSWERS_WITHIN:
                return 2 * ANSWERS_WITHIN
            await asyncio.sleep(0.05)

    async def stored(self) -> Counter[str]:
        """How often each text is there."""
        async with inside(self.region.organisations["school12"]) as work:
            connection = await work.session.connection()
            found = (await connection.exec_driver_sql("select id, description from report")).all()
            texts = [await vault.open_text(work, sealed, "report.description", one) for one, sealed in found]
        return Counter(texts)

    def mails(self) -> tuple[int, int]:
        """(messages that came, messages that came as two different letters)."""
        of_message: dict[str, set[str]] = {}
        for letter in list(self.post.letters):
            for line in letter.text.splitlines():
                if "/messages/" in line and not line.endswith("/settings"):
                    of_message.setdefault(line, set()).add(str(letter.mail["Message-ID"]))
        return len(of_message), sum(len(ids) > 1 for ids in of_message.values())


@dataclass(frozen=True)
class Fault:
    """What is done to whom, and how it ends; between them the service is held in it for `hold` seconds."""

    part: str
    kind: str
    strike: Callable[[Service], None]
    heal: Callable[[Service], None] = lambda _service: None
    hold: float = HOLD


@asynccontextmanager
async def running(servers: Burning, folder: Path) -> AsyncIterator[Service]:
    """Region and processes on servers that are there; logs and letters lie in `folder`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    await engine.dispose()
    run.main(is_test=True)
    PRINTED.clear()
    region = await found_region(servers.url)
    post, before = PostOffice(folder), dict(os.environ)
    post.open()
    os.environ |= post.environment()
    settings.cache_clear()
    with ExitStack() as lines:
        through = {
            "postgres": lines.enter_context(Proxy(_port(servers.url))),
            "valkey": lines.enter_context(Proxy(_port(servers.doorbell))),
            "smtp": lines.enter_context(Proxy(post.port)),
        }
        async with browser_for() as browser:
            await proved(browser, post, region.saule)
            marat = await browser(region.marat)
            cookie, csrf = marat.cookies[NAME], marat.csrf
        os.environ |= {  # of the processes; this one has read its settings and goes straight
            "QORGAN_DATABASE_URL": servers.url.replace(f":{_port(servers.url)}/", f":{through['postgres'].port}/"),
            "QORGAN_REDIS_URL": servers.doorbell.replace(f":{_port(servers.doorbell)}/", f":{through['valkey'].port}/"),
            "QORGAN_SMTP_PORT": str(through["smtp"].port),
        }
        processes = Processes(folder)
        processes.start("web", "worker", "relay")
        processes.wait_until_ready()
        try:
            yield Service(region, servers, processes, through, post, cookie, csrf)
        finally:
            processes.stop()
            os.environ |= before
            post.close()
            await engine.dispose()
            structlog.reset_defaults()


def _port(url: str) -> int:
    return urlsplit(url).port or 0


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    fault: Fault
    acknowledged: int
    refused: int
    missing: int
    effects: int
    doubled: int
    unaudited: int
    answers: float
    quiet: float
    died: tuple[str, ...]

    @property
    def broken(self) -> list[str]:
        told = {
            "an acknowledged report is missing": self.missing > 0,
            "an effect is doubled or missing": self.doubled > 0,
            "a change has no audit row": self.unaudited > 0,
            f"no answer within {ANSWERS_WITHIN:.0f} s": self.answers > ANSWERS_WITHIN,
            f"not quiet within {QUIET_WITHIN} s": self.quiet > QUIET_WITHIN,
            f"{', '.join(self.died)} ended by itself": bool(self.died),
        }
        return [f"{self.fault.part} {self.fault.kind}: {what}" for what, is_so in told.items() if is_so]

    def __str__(self) -> str:
        return (
            f"{self.fault.part:<9} {self.fault.kind:<16} {self.acknowledged:>5} {self.refused:>8} {self.missing:>8} {self.effects:>8} "
            f"{self.doubled:>8} {self.unaudited:>9} {self.answers:>9.1f} s {self.quiet:>7.1f} s"
        )


async def met(service: Service, fault: Fault) -> Line:
    """Load, fault, its end, the way back; then everything is counted."""
    enough, before, refused = asyncio.Event(), len(service.acknowledged), service.refused
    load = [asyncio.create_task(service.report(enough)) for _ in range(2)]
    await asyncio.sleep(WARM)
    await asyncio.to_thread(fault.strike, service)
    await asyncio.sleep(fault.hold)
    await asyncio.to_thread(fault.heal, service)
    over = time.monotonic()
    answers = await service.answers_after(over)
    await asyncio.sleep(WARM)
    enough.set()
    await asyncio.gather(*load)
    died = tuple(service.processes.revive())
    await until_quiet(service.servers.url, patience=2 * QUIET_WITHIN)
    quiet = time.monotonic() - over
    await engine.dispose()  # our own connections may have met the fault as well
    stored, (mails, mails_doubled) = await service.stored(), service.mails()
    url = service.servers.url
    ((twice,),), ((other,),), ((calls,),) = rows(url, _DOUBLED), rows(url, _HEARD, TEAM), rows(url, _CALLS)
    ((unaudited,),) = rows(url, _UNAUDITED)
    return Line(
        fault,
        len(service.acknowledged) - before,
        service.refused - refused,
        len(service.acknowledged - stored.keys()),
        len(stored) * TEAM + mails,
        twice + other + calls + mails_doubled + sum(number > 1 for number in stored.values()),
        unaudited,
        answers,
        quiet,
        died,
    )
