"""Child processes end when the process that started them ends, even when it was killed.

The parent keeps the writing end of a pipe and never writes; the system closes it with the parent.
"""

import os
import signal
import threading
import time

VARIABLE = "QORGAN_LIFELINE"
_GRACE_SECONDS = 15.0


def watch() -> None:
    """In a child: end this process when the parent is gone. Without a parent that asks for it, nothing."""
    end = os.environ.get(VARIABLE)
    if end is not None:
        threading.Thread(target=_wait, args=(int(end),), daemon=True, name="lifeline").start()


def _wait(end: int) -> None:
    os.read(end, 1)  # returns when nobody holds the other end any more
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)
