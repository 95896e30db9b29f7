"""So many connections that each send the next request when the answer has come; latencies and the server's CPU time."""

import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Request:
    """One request as bytes, and the status it has to be answered with."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    status: int = 200

    def wire(self, host: str) -> bytes:
        """HTTP/1.1 on a kept connection."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Figures:
    """Of one run: requests a second, milliseconds at the median and at 99 %, of the server's CPU a request, bytes."""

    rate: float
    p50: float
    p99: float
    cpu: float
    size: int


async def run(port: int, pid: int, requests: Sequence[Request], *, connections: int, seconds: float) -> Figures:
    """Send the requests round and round. Raises AssertionError for an answer with another status."""
    host = f"127.0.0.1:{port}"
    wires = [(one.wire(host), one.status) for one in requests]
    turns = itertools.cycle(wires)
    await _play(port, turns, connections, seconds / 4)  # warm
    before, began = _cpu(pid), time.perf_counter()
    took, size = await _play(port, turns, connections, seconds)
    spent = _cpu(pid) - before
    assert time.perf_counter() - began < seconds * 3
    return Figures(
        len(took) / seconds,
        statistics.median(took) * 1000,
        sorted(took)[int(len(took) * 0.99)] * 1000,
        spent / len(took) * 1000,
        size // len(took),
    )


async def _play(
    port: int, turns: Iterator[tuple[bytes, int]], connections: int, seconds: float
) -> tuple[list[float], int]:
    took: list[float] = []
    sizes: list[int] = []
    end = time.perf_counter() + seconds
    await asyncio.gather(*(_one(port, turns, end, took, sizes) for _ in range(connections)))
    return took, sum(sizes)


async def _one(port: int, turns: Iterator[tuple[bytes, int]], end: float, took: list[float], sizes: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    while time.perf_counter() < end:
        wire, status = next(turns)
        began = time.perf_counter()
        writer.write(wire)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        body = await reader.readexactly(length) if length else b""
        took.append(time.perf_counter() - began)
        sizes.append(length)
        assert head.startswith(b"http/1.1 %d" % status), (head, body[:300])
    writer.close()


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def as_json(**fields: object) -> bytes:
    """The body of a program's request."""
    return json.dumps(fields).encode()
