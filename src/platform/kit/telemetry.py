"""What leaves a process about itself: log lines and, where a DSN is set, Sentry events.

Both are built from allow-lists. An exception is its type and the places it passed through; its text, the values of
variables, requests, statements and breadcrumbs never leave, because any of them can hold a child's name (S-57 … S-59).
A library's log line is its place too: asyncio, for one, writes the text of an exception into the message itself.
"""

import copy
import json
import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO, cast

import sentry_sdk
import structlog
from sentry_sdk.integrations.dramatiq import DramatiqIntegration
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint

from src.platform.kit.errors import QorganError
from src.platform.kit.settings import settings

_LOGGED = frozenset(
    {"event", "level", "timestamp", "logger", "process", "error", "at", "outbox_id", "actor", "route", "offences"}
)
_SENT = ("event_id", "timestamp", "level", "platform", "release", "environment")
_TAGS = frozenset({"process", "route", "actor", "code"})
_PLACES = 8
_LIBRARY = "library"
"""Stands for the text of a line that a library wrote; `logger` and `at` say which line it was."""
_log = structlog.get_logger(__name__)


def start(process: str, *, stream: TextIO | None = None, transport: type[Transport] | None = None) -> None:
    """Log JSON lines to `stream` (standard error), report to Sentry where a DSN is set. Call before anything runs."""
    _start_logging(process, stream or sys.stderr)
    if settings().sentry_dsn:
        _start_sentry(process, transport)
    sys.excepthook = lambda _kind, error, _trace: _uncaught(error)
    threading.excepthook = lambda given: _uncaught(given.exc_value)
    sys.unraisablehook = lambda given: _uncaught(given.exc_value)


def report(error: BaseException, **tags: str) -> None:
    """Tell Sentry of an unexpected error; nothing happens without a DSN."""
    if isinstance(error, QorganError):
        tags["code"] = error.code
    sentry_sdk.capture_exception(error, tags={name: tags[name] for name in _TAGS & tags.keys()})


class _Lines(logging.StreamHandler[TextIO]):
    """Writes each line without the text that a library gave it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; what our own code says is kept, cut to known keys."""
        kept = copy.copy(record)
        kept.stack_info = None
        if not isinstance(record.msg, dict):
            kept.msg, kept.args = _LIBRARY, ()
        super().emit(kept)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # a hook of `logging`, which would print the arguments
        """A line that cannot be written is still counted."""
        self.stream.write(json.dumps({"event": "unwritable", "logger": record.name, "at": [_place_of(record)]}) + "\n")


def _uncaught(error: BaseException | None) -> None:
    """What Python would print with its text, from any thread."""
    if error is None or isinstance(error, SystemExit | KeyboardInterrupt):
        return
    _log.error("uncaught", exc_info=error)
    report(error)


def _start_logging(process: str, stream: TextIO) -> None:
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Lines(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_place_only, *shared],
            processors=[_exception_as_places, _known_keys(process), structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def _place_only(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where a library wrote the line; an exception replaces it by the places it passed through."""
    entry["at"] = [_place_of(entry["_record"])]
    return entry


def _place_of(record: logging.LogRecord) -> str:
    return f"{record.filename}:{record.lineno} {record.funcName}"


def _exception_as_places(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = entry.get("_record")
    found = entry.pop("exc_info", None) or (record.exc_info if record is not None else None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if found and found[0] is not None:
        entry.update(error=found[0].__name__, at=_places(found[2]))
    if record is not None:
        record.exc_info = record.exc_text = None  # the formatter would append the whole text
    return entry


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-_PLACES:]]


def _known_keys(process: str) -> structlog.types.Processor:
    def keep(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"process": process} | {key: value for key, value in entry.items() if key in _LOGGED}

    return keep


def _start_sentry(process: str, transport: type[Transport] | None) -> None:
    sentry_sdk.init(
        dsn=settings().sentry_dsn,
        transport=transport,
        in_app_include=["src.platform"],
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[DramatiqIntegration()] if process == "worker" else [],
        data_collection={
            "user_info": False,
            "http_bodies": [],
            "database_query_data": False,
            "queues": False,
            "stack_frame_variables": False,
            "frame_context_lines": 0,
        },
        max_breadcrumbs=0,
        before_send=_cut(process),
        before_send_transaction=lambda _event, _hint: None,
    )


def _cut(process: str) -> Any:
    def cut(event: Event, _hint: Hint) -> Event:
        given: dict[str, Any] = dict(event)
        tags = {name: value for name, value in (given.get("tags") or {}).items() if name in _TAGS}
        errors = (given.get("exception") or {}).get("values") or []
        kept = {key: given[key] for key in _SENT if key in given}
        bare = {"values": [_bare(one) for one in errors]}
        return cast("Event", kept | {"tags": tags | {"process": process}, "exception": bare})

    return cut


def _bare(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    places = [{key: frame.get(key) for key in ("module", "function", "lineno", "in_app")} for frame in frames]
    return {"type": error.get("type"), "module": error.get("module"), "stacktrace": {"frames": places}}
