"""Starts the processes of the service, watches them, stops them in order: only pids that it started itself."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from src.platform.cli.local import lifeline
from src.platform.cli.local.stopping import unbroken

_GRACE_SECONDS = 15.0
_LOOK_SECONDS = 0.5


class Supervisor:
    """Child processes in groups of their own, with their output in files of `log_folder`."""

    def __init__(self, log_folder: Path, environment: Mapping[str, str]) -> None:
        """Children get this process's environment and the given one on top."""
        self._logs = log_folder
        self._lifeline, self._held = os.pipe()  # `_held` is open in this process only
        self._environment = {**os.environ, **environment, lifeline.VARIABLE: str(self._lifeline)}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._asked_to_stop = threading.Event()
        self._logs.mkdir(parents=True, exist_ok=True)

    def start(self, verb: str) -> None:
        """Start `qorgan <verb>`."""
        with (self._logs / f"{verb}.log").open("ab") as log, unbroken():
            self._children[verb] = subprocess.Popen(  # noqa: S603  # our own command
                [sys.executable, "-m", "src.platform.cli", verb],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                pass_fds=(self._lifeline,),
                start_new_session=True,
            )

    def heed(self, *numbers: signal.Signals) -> None:
        """From now on these signals end `wait`."""
        for number in numbers:
            signal.signal(number, lambda *_: self._asked_to_stop.set())

    def wait(self) -> str | None:
        """Wait until somebody asks to stop or a child ends; the name of the child that ended."""
        while not self._asked_to_stop.wait(_LOOK_SECONDS):
            if (ended := self.ended()) is not None:
                return ended
        return None

    def ended(self) -> str | None:
        """The name of a child that has ended."""
        return next((name for name, child in self._children.items() if child.poll() is not None), None)

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
