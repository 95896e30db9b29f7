"""The worker process: Dramatiq's own threads around the asyncio actors of the house."""

import signal
import threading

import structlog
from dramatiq import Worker

from src.platform.access import policy
from src.platform.db import catalogue, region_keys
from src.platform.kit import telemetry
from src.platform.migrations.registry import metadata
from src.platform.notifications import mail
from src.platform.worker.broker import declare, make_broker
from src.platform.worker.modules import load_actors

_THREADS = 8
_log = structlog.get_logger(__name__)


def main() -> None:
    """Run until SIGTERM or SIGINT, then let running jobs end."""
    telemetry.start("worker")  # before the broker: Sentry watches it from its making
    catalogue.refuse_unsafe("qorgan_worker", metadata)  # S-1
    region_keys.region_key("sent-form")  # a process without the master key does not start
    policy.load()  # without it every recipient would be refused in silence; a damaged policy stops the start
    load_actors()
    if not mail.is_on():
        _log.warning("mail_off")
    broker = make_broker()
    declare(broker)
    broker.emit_after("process_boot")
    worker = Worker(broker, worker_threads=_THREADS)
    worker.start()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    worker.stop()
    broker.close()
