"""What leaves a process about itself: log lines and, where a DSN is set, Sentry events.

Both are built from allow-lists. An exception is its type and the places it passed through; its text, the values of
variables, requests, statements and breadcrumbs never leave, because any of them can hold a child's name (S-57 … S-59).
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO, cast

import sentry_sdk
import structlog
from sentry_sdk.integrations.dramatiq import DramatiqIntegration
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint

from src.platform.kit.settings import settings

_LOGGED = frozenset({"event", "level", "timestamp", "logger", "process", "error", "at", "outbox_id", "actor", "route"})
_SENT = ("event_id", "timestamp", "level", "platform", "release", "environment")
_TAGS = frozenset({"process", "route", "actor"})
_PLACES = 8


def start(process: str, *, stream: TextIO | None = None, transport: type[Transport] | None = None) -> None:
    """Log JSON lines to `stream` (standard error), report to Sentry where a DSN is set. Call before anything runs."""
    _start_logging(process, stream or sys.stderr)
    if settings().sentry_dsn:
        _start_sentry(process, transport)


def report(error: BaseException, **tags: str) -> None:
    """Tell Sentry of an unexpected error; nothing happens without a DSN."""
    sentry_sdk.capture_exception(error, tags={name: tags[name] for name in _TAGS & tags.keys()})


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
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_template_only, *shared],
            processors=[_exception_as_places, _known_keys(process), structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _template_only(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's message without its arguments: `%s` stays `%s`."""
    record: logging.LogRecord = entry["_record"]
    entry["event"] = str(record.msg) if isinstance(record.msg, str) else type(record.msg).__name__
    return entry


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
