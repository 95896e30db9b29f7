"""Signals that stop a local installation, and what they do not break off."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def unbroken() -> Iterator[None]:
    """What is done inside is done before a signal is heard.

    For the making of a process: an exception out of a handler would leave one that nobody knows of.
    """
    if threading.current_thread() is not threading.main_thread():  # only that one hears signals
        yield
        return
    heard = list[int]()
    handlers = {number: signal.signal(number, lambda told, _: heard.append(told)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if heard:
            signal.raise_signal(heard[0])
