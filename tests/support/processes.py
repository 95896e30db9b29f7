"""The service as processes of its own, on the database of a test module."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg

from src.platform.cli.local.ports import free_port

PATIENCE = 40.0
_NOTHING_LEFT = (
    "select (select count(*) from outbox where done_at is null) + (select count(*) from wake_at w, platform_state s "
    "where w.fired_at is null and w.at <= clock_timestamp() + s.clock_offset)"
)


class Processes:
    """Processes by the verb that starts them, with a number behind # for several; their logs lie in one folder."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self, *verbs: str) -> None:
        environment = dict(os.environ) | {"QORGAN_PORT": str(self.port), "QORGAN_PUBLIC_URL": self.address}
        for verb in verbs:
            with (self._logs / f"{verb}.log").open("ab") as log:
                self._running[verb] = subprocess.Popen(
                    [sys.executable, "-m", "src.platform.cli", verb.partition("#")[0]],
                    stdout=log,
                    stderr=log,
                    env=environment,
                )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.address}/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(self.text())

    def kill(self, verb: str) -> None:
        self._running[verb].send_signal(signal.SIGKILL)
        self._running[verb].wait()

    def send(self, verb: str, number: signal.Signals) -> None:
        """A signal that the process may go on after, such as SIGSTOP."""
        self._running[verb].send_signal(number)

    def revive(self) -> list[str]:
        """Start again what has ended by itself, as Kubernetes would; its names."""
        ended = [verb for verb, child in self._running.items() if child.poll() is not None]
        self.start(*ended)
        return ended

    def stop(self) -> None:
        for child in self._running.values():
            child.send_signal(signal.SIGCONT)
            child.terminate()
        for child in self._running.values():
            child.wait(timeout=20)

    def text(self) -> str:
        return "".join(file.read_text() for file in self._logs.glob("*.log"))


def quiet(database: str) -> None:
    """Wait until nothing is left to do."""
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(database, autocommit=True) as admin:
        while admin.execute(_NOTHING_LEFT).fetchone() != (0,):
            if time.monotonic() > deadline:
                left = admin.execute("select actor, failure from outbox where done_at is null").fetchall()
                raise TimeoutError(left)
            time.sleep(0.2)
