"""The log: an allow-list of events and keys, so that nothing personal can be in it, whatever fails.

What is written is our own numbers, codes, names from the settings and digests. Anything else is dropped and counted
under `dropped`. A traceback keeps files, lines and classes: the message of a foreign exception may hold values.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TextIO

from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

Format = Literal["json", "text"]

_LEVELS = ("debug", "info", "warning", "error")
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "run_started": "info",
        "run_ended": "info",
        "flow_progress": "info",
        "flow_suspended": "error",
        "flow_resumed": "info",
        "flow_waits": "warning",
        "source_waits": "warning",
        "parcel_registered": "info",
        "parcel_known": "info",
        "message_refused": "warning",
        "message_failed": "error",
        "parcel_parked": "error",
        "parcel_waits": "warning",
        "parcel_doubtful": "warning",
        "replay_registered": "info",
        "quarantine_revealed": "warning",
        "quarantine_discarded": "warning",
        "consent_recorded": "info",
        "tidied": "info",
        "process_stopped": "error",
        "process_failed": "error",
        "library_warned": "warning",
        "log_misused": "error",
    },
)
"""Every event that may be logged, with its level."""


def _count(value: object) -> bool:
    return isinstance(value, int | float)


def _matches(pattern: str) -> Callable[[object], bool]:
    compiled = re.compile(rf"(?:{pattern})\Z")
    return lambda value: isinstance(value, str) and compiled.match(value) is not None


_COUNTS = (
    *("run", "flows", "batch", "rows", "received", "aside", "size", "exit", "bytes_done", "bytes_total"),
    *("count", "expired", "removed", "warnings", "line"),
    *(fate.value for fate in Fate),
)
KEYS: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    {
        **dict.fromkeys(_COUNTS, _count),
        "flow": _matches(r"[a-z0-9][a-z0-9-]{0,39}"),
        "parcel": _matches(r"[0-9a-f]{12,64}"),
        "code": lambda value: isinstance(value, str) and value in REASONS,
        "contract": _matches(r"[a-z_]{1,40}/[0-9]{1,3}"),
        "rehearsal": lambda value: value is True,
        "library": _matches(r"[A-Za-z_][A-Za-z0-9_]{0,39}"),
        "event": lambda value: value in EVENTS,
        "level": lambda value: value in _LEVELS,
        "timestamp": _matches(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z"),
        "dropped": _count,
    },
)
"""Every key that may be logged, with what its value must look like."""


def allow(_logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the allow-list knows, drop and count the rest. A processor of structlog."""
    kept: dict[str, Any] = {}
    dropped = 0
    for key, given in event.items():
        value = given.value if isinstance(given, Enum) else given
        if key == "error" and isinstance(value, BaseException):
            kept[key] = trace(value)
        elif (judge := KEYS.get(key)) and judge(value):
            kept[key] = value
        else:
            dropped += 1
    return {**kept, "dropped": dropped} if dropped else kept


def trace(error: BaseException) -> dict[str, Any]:
    """Say of an exception its class, our code if it has one, and the files and lines it passed; never its message."""
    told: dict[str, Any] = {
        "class": type(error).__name__,
        "places": [
            f"{Path(frame.f_code.co_filename).parent.name}/{Path(frame.f_code.co_filename).name}:{line}"
            for frame, line in traceback.walk_tb(error.__traceback__)
        ],
    }
    if isinstance(error, PasserelleError):
        told["code"] = error.code
    if error.__cause__ is not None:
        told["cause"] = trace(error.__cause__)
    return told


def log(event: str, **keys: object) -> None:
    """Write one event. An event that is not in `EVENTS` is a mistake of ours: it is told as such, without its keys."""
    level = EVENTS.get(event)
    if _rehearsal.get():
        keys["rehearsal"] = True
    if level is None:
        event, level, keys = "log_misused", "error", {}
    getattr(_logger(), level)(event, **keys)


@contextmanager
def rehearsed() -> Iterator[None]:
    """Mark every event with `rehearsal`: what is told there did not happen."""
    token = _rehearsal.set(True)
    try:
        yield
    finally:
        _rehearsal.reset(token)


_rehearsal: ContextVar[bool] = ContextVar("rehearsal", default=False)
_current: list[Callable[[], Any]] = []
"""Gives the logger, which is built for the first event: many commands log none."""


def configure(*, form: Format | None = None, stream: TextIO | None = None) -> None:
    """Set up the log once, at the start of the process.

    Without `form`: on a terminal, short lines for warnings and worse; elsewhere JSON lines for everything. Libraries'
    own logs and uncaught exceptions of threads come here too, without their words.
    """
    form = form or ("text" if (stream or sys.stderr).isatty() else "json")
    _current[:] = [cache(partial(_build, form, stream))]
    root = logging.getLogger()
    root.handlers = [_Libraries(level=logging.WARNING)]
    logging.captureWarnings(capture=True)
    threading.excepthook = _of_thread
    sys.unraisablehook = _unraisable
    sys.excepthook = _uncaught


def _logger() -> Any:
    if not _current:
        _current.append(cache(partial(_build, "json", None)))
    return _current[0]()


def _build(form: Format, stream: TextIO | None) -> Any:
    """Build a logger of our own, so that it never writes unfiltered, even when nobody configured it."""
    structlog = _structlog()
    if form == "json":
        render: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
        threshold = logging.INFO
    else:
        render = structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event"), drop_missing=True)
        threshold = logging.WARNING
    return structlog.wrap_logger(
        _Lines(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        cache_logger_on_first_use=True,
    )


def _structlog() -> Any:
    """Import structlog without rich: it loads sixty modules of it for tracebacks that are never shown here."""
    hide = "rich" not in sys.modules
    if hide:
        sys.modules["rich"] = None  # type: ignore[assignment]  # how Python is told that it is not there
    try:
        return import_module("structlog")
    finally:
        if hide:
            del sys.modules["rich"]


class _Lines:
    """Writes whole lines, at once; to what standard error is at that moment unless told otherwise."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        stream = self._stream or sys.stderr
        stream.write(f"{line}\n")
        stream.flush()

    debug = info = warning = error = msg


class _Libraries(logging.Handler):
    """Hears what libraries log; keeps who and where, never their words."""

    def emit(self, record: logging.LogRecord) -> None:
        log("library_warned", library=record.name.partition(".")[0], line=record.lineno)


def _of_thread(args: threading.ExceptHookArgs) -> None:
    log("process_failed", error=args.exc_value)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    log("process_failed", error=args.exc_value)


def _uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    log("process_failed", error=error)
