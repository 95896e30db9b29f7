"""A Ctrl-C that comes while a server is being made: nothing goes on that nobody knows of."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from src.platform.cli.local.servers import LocalServers
from src.platform.cli.local.supervisor import Supervisor

pytestmark = pytest.mark.processes
Starts = Callable[[Path], object]


def servers(folder: Path) -> None:
    with LocalServers(folder, fast=True):
        pytest.fail("started as if nothing had been")


def worker(folder: Path) -> None:
    supervisor = Supervisor(folder / "log", {"MARK_OF_THIS_TEST": str(folder)})
    try:
        supervisor.start("worker")
        pytest.fail("started as if nothing had been")
    finally:
        supervisor.stop()


def alive(folder: Path) -> list[str]:
    """Command lines of processes that have to do with a folder."""
    found = []
    for one in psutil.process_iter():
        try:
            told = [*one.cmdline(), one.environ().get("MARK_OF_THIS_TEST", "")]
        except psutil.Error:
            continue
        if any(str(folder) in word for word in told):
            found.append(" ".join(told))
    return found


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """What runs in the background of a shell was told to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("start", "program"), [(servers, "initdb"), (servers, "pg_ctl"), (servers, "valkey-server"), (worker, "worker")]
)
def test_nothing_is_left_when_a_signal_comes_while_a_process_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Starts, program: str
) -> None:
    for name in ("QORGAN_DATABASE_URL", "QORGAN_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    make: Callable[..., Any] = subprocess._fork_exec  # type: ignore[attr-defined]
    made = []

    def interrupted(words: list[str], *more: object) -> Any:
        process = make(words, *more)
        if not made and any(Path(word).name == program for word in words):
            made.append(process)
            signal.raise_signal(signal.SIGINT)
        return process

    monkeypatch.setattr(subprocess, "_fork_exec", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path)
    assert made
    assert alive(tmp_path) == []
