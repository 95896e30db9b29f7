"""Starts the processes of the service, watches them, stops them in order: only pids that it started itself."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

_GRACE_SECONDS = 15.0
_LOOK_SECONDS = 0.5


class Supervisor:
    """Child processes in groups of their own, with their output in files of `log_folder`."""

    def __init__(self, log_folder: Path, environment: Mapping[str, str]) -> None:
        """Children get this process's environment and the given one on top."""
        self._logs = log_folder
        self._environment = {**os.environ, **environment}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._asked_to_stop = threading.Event()
        self._logs.mkdir(parents=True, exist_ok=True)

    def start(self, verb: str) -> None:
        """Start `qorgan <verb>`."""
        with (self._logs / f"{verb}.log").open("ab") as log:
            self._children[verb] = subprocess.Popen(  # noqa: S603  # our own command
                [sys.executable, "-m", "src.platform.cli", verb],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    def wait(self) -> str | None:
        """Wait until somebody presses Ctrl-C or sends SIGTERM, or a child ends; the name of the child that ended."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._asked_to_stop.set())
        while not self._asked_to_stop.wait(_LOOK_SECONDS):
            ended = next((name for name, child in self._children.items() if child.poll() is not None), None)
            if ended is not None:
                return ended
        return None

    def stop(self) -> None:
        """Ask every child to end, the last started first, and wait; after a while insist."""
        for child in reversed(self._children.values()):
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in self._children.values():
            try:
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
