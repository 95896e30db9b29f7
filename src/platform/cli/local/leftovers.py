"""A server that a killed run left behind is ended before its data are opened again.

Only a process whose command line names our own file is touched: a number in an old pid file may belong to anybody.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from src.platform.cli.local import problems

_PATIENCE_SECONDS = 10.0


def end(part: str, pid_file: Path, ours: Path, *signals: signal.Signals) -> None:
    """End the process of `pid_file` if its command line names `ours`: with the first signal, later with the next.

    A pid file of nobody is removed. Raises LocalProblemError when the process does not end.
    """
    pid = _number_in(pid_file)
    if pid is None:
        return
    if str(ours) not in _command_line(pid):
        pid_file.unlink(missing_ok=True)
        return
    for number in signals:
        os.kill(pid, number)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if str(ours) not in _command_line(pid):
                return
            time.sleep(0.05)
    raise problems.would_not_stop(part, pid)


def _number_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _command_line(pid: int) -> str:
    """What the process was started with; empty when there is none, and for one that only waits to be buried."""
    entry = Path("/proc") / str(pid) / "cmdline"
    if Path("/proc/self").exists():
        return entry.read_bytes().replace(b"\0", b" ").decode(errors="replace") if entry.exists() else ""
    ps = shutil.which("ps")
    if ps is None:
        return ""
    told = subprocess.run(  # noqa: S603  # fixed words and a number
        [ps, "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout
