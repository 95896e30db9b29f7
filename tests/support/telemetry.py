"""A process whose Sentry is on, and what it would have sent."""

import io
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from src.platform.kit import telemetry
from src.platform.kit.settings import settings

sent: list[Envelope] = []


class Caught(Transport):
    """Keeps what would have been sent."""

    def capture_envelope(self, envelope: Envelope) -> None:
        sent.append(envelope)


def envelopes() -> bytes:
    return b"\n".join(envelope.serialize() for envelope in sent)


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """The log of the process; everything is as before afterwards."""
    sent.clear()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    os.environ["QORGAN_SENTRY_DSN"] = "https://key@sentry.invalid/1"
    settings.cache_clear()
    stream = io.StringIO()
    telemetry.start("worker", stream=stream, transport=Caught)
    yield stream
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    del os.environ["QORGAN_SENTRY_DSN"]
    settings.cache_clear()
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
