"""`make demo` as somebody starts, stops and kills it on data of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from src.platform.cli.local.ports import free_port

_PATIENCE = 120.0
_SECONDS_TO_REST, _AT_REST = 20, 0.1
COMMAND = (sys.executable, "-m", "src.platform.cli", "demo")
ORDINARY = ("unshare", "--user", "--map-user=1000", "--map-group=1000") if os.geteuid() == 0 else ()


class Ended(NamedTuple):
    """How a demo that did not come up ended."""

    status: int
    said: str


class Demo:
    """A demo on data of its own, in a process group of its own."""

    def __init__(self, data: Path, port: int, *before: str, **more: str) -> None:
        self.data, self.address = data, f"http://127.0.0.1:{port}"
        self._output = data.parent / "demo.txt"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*before, *COMMAND],
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=environment(data, str(port)) | more,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def wait_until(self, text: str) -> None:
        self.wait_for(lambda: text in self.said)

    def wait_for(self, condition: object) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():  # type: ignore[operator]
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def kill(self) -> None:
        """Everything of the command's own group at once, as a terminal or a machine does it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def rests(self, verb: str) -> bool:
        """Whether one of its processes comes to use less than a tenth of a core for a second, when it has started."""
        processes = psutil.Process(self._process.pid).children(recursive=True)
        (found,) = [one for one in processes if one.is_running() and one.cmdline()[-1:] == [verb]]
        for _ in range(_SECONDS_TO_REST):
            before = found.cpu_times()
            time.sleep(1)
            after = found.cpu_times()
            if after.user + after.system - before.user - before.system < _AT_REST:
                return True
        return False

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Exit status."""
        self.send(number)
        return self._process.wait()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None


def environment(data: Path, port: str) -> dict[str, str]:
    """Of a demo on these data, with nothing of the test's own settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("QORGAN_")}
    return own | {"QORGAN_DATA": str(data), "QORGAN_PORT": port}


def ends(data: Path, *before: str, port: str = "", **more: str) -> Ended:
    """A demo that cannot start."""
    own = environment(data, port or str(free_port())) | more
    done = subprocess.run([*before, *COMMAND], env=own, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return Ended(done.returncode, done.stderr)
