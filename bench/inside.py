"""What one request costs inside the process: statements, and the share of the policy in its CPU time."""

import asyncio
import cProfile
import pstats
import time
from dataclasses import dataclass

from bench.load import Request
from tests.support.http import Client
from tests.support.statements import sent

_TIMES = 40
_POLICY = ("/src/platform/access/", "/casbin/", "/simpleeval")


@dataclass(frozen=True)
class Inside:
    """Statements but the opening one and the audit row; the policy's part of the CPU time, 0 to 1."""

    statements: int
    policy: float


async def look(client: Client, request: Request) -> Inside:
    """Ask once and count, then ask often under the profiler, in this process."""
    await _ask(client, request)
    with sent() as seen:
        await _ask(client, request)
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(_TIMES):
        await _ask(client, request)
    profile.disable()
    await asyncio.sleep(0)
    return Inside(len(seen), _share(pstats.Stats(profile)))


async def _ask(client: Client, request: Request) -> None:
    headers = dict(request.headers) | {"X-CSRF-Token": client.csrf}
    headers.pop("Cookie", None)
    answer = await client.request(
        request.method,
        request.path,
        content=request.body,
        headers={**headers, "Origin": str(client.base_url).rstrip("/")},
    )
    assert answer.status_code == request.status, answer.text


def _share(stats: pstats.Stats) -> float:
    """Of our own work: the client of the measurement is left out."""
    spent = {(file, name): row[2] for (file, _, name), row in stats.stats.items()}  # type: ignore[attr-defined]
    ours = {key: one for key, one in spent.items() if "/httpx/" not in key[0] and "/httpcore/" not in key[0]}
    policy = sum(one for (file, _), one in ours.items() if any(part in file for part in _POLICY))
    return policy / (sum(ours.values()) or 1.0)
