"""The data folder of a local installation: made, with room in it, used by one demo at a time."""

import fcntl
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from src.platform.cli.local import problems

NEEDED_MB = 500


class DataFolder:
    """A folder that is ours alone inside the context; `was_killed`: the last run ended without stopping."""

    def __init__(self, path: Path) -> None:
        """Nothing is touched before the context is entered."""
        self.path = path.resolve()
        self.was_killed = False
        self._lock = -1

    def __enter__(self) -> Self:
        """Make the folder and take its lock, which the system drops when this process ends in any way.

        Raises LocalProblemError where another demo holds it or the disk is full, OSError where it may not be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if self.free_mb() < NEEDED_MB:
            raise problems.no_space(self.path, NEEDED_MB)
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise problems.already_running(self.path) from error
        self.was_killed = os.fstat(self._lock).st_size > 0
        os.pwrite(self._lock, b"running\n", 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Everything was stopped: the next run has nothing to clean up."""
        os.ftruncate(self._lock, 0)
        os.close(self._lock)

    def free_mb(self) -> int:
        """Room on the disk."""
        return shutil.disk_usage(self.path).free // 1_000_000
