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


class Server:
    """One that is asked the same requests round and round."""

    def __init__(self, port: int, pid: int, requests: Sequence[Request]) -> None:
        """Listening at a port of this machine, as a process of its own."""
        host = f"127.0.0.1:{port}"
        self.port, self.pid = port, pid
        self.turns = itertools.cycle([(one.wire(host), one.status) for one in requests])
        self.took: list[float] = []
        self.size = 0
        self.spent = self.seconds = 0.0

    async def ask(self, connections: int, seconds: float) -> None:
        """For so long. Raises AssertionError for an answer with another status."""
        before = _cpu(self.pid)
        took, size = await _play(self.port, self.turns, connections, seconds)
        self.spent += _cpu(self.pid) - before
        self.took += took
        self.size += size
        self.seconds += seconds

    def figures(self) -> Figures:
        """Of everything that it was asked."""
        times = sorted(self.took)
        return Figures(
            len(times) / self.seconds,
            statistics.median(times) * 1000,
            times[int(len(times) * 0.99)] * 1000,
            self.spent / len(times) * 1000,
            self.size // len(times),
        )


async def in_turns(
    *asked: tuple[int, int, Sequence[Request]], connections: int, seconds: float, rounds: int = 8
) -> list[Figures]:
    """Of servers that are asked one after the other, round after round: the machine is not always equally quick."""
    for one in asked:
        await Server(*one).ask(connections, seconds / 4)  # warm
    servers = [Server(*one) for one in asked]
    for _ in range(rounds):
        for server in servers:
            await server.ask(connections, seconds / rounds)
    return [server.figures() for server in servers]


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
