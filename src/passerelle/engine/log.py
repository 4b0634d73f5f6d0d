"""The log: an allow-list of events and keys, so that nothing personal can be in it, whatever fails.

What is written is our own numbers, codes, names from the settings and digests. Anything else is dropped and counted
under `dropped`. A traceback keeps files, lines and classes: the message of a foreign exception may hold values.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from functools import cache, partial
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TextIO

from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.fault_names import list_places, name_class
from passerelle.vocabulary.formatting import show_text
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.outlets import speak_up
from passerelle.vocabulary.reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Format = Literal["json", "text"]

_LEVELS = ("debug", "info", "warning", "error")
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "run_started": "info",
        "run_ended": "info",
        "turn_ended": "info",
        "turn_failed": "error",
        "turn_overtaken": "warning",
        "worker_started": "info",
        "worker_ended": "info",
        "worker_waits": "warning",
        "worker_serves": "info",
        "flows_swept": "warning",
        "flow_progress": "info",
        "flow_suspended": "error",
        "flow_failed": "error",
        "progress_failed": "warning",
        "flow_resumed": "info",
        "flow_confirmed": "warning",
        "flow_waits": "warning",
        "source_waits": "warning",
        "place_back": "info",
        "parcel_registered": "info",
        "parcel_known": "info",
        "parcels_taken_again": "info",
        "message_refused": "warning",
        "message_failed": "error",
        "page_failed": "error",
        "request_failed": "error",
        "run_failed": "error",
        "switch_failed": "error",
        "trial_failed": "error",
        "queued_work_failed": "error",
        "description_applied": "warning",
        "visitor_signed_in": "info",
        "sign_in_refused": "warning",
        "parcel_parked": "error",
        "parcel_waits": "warning",
        "group_dissolved": "warning",
        "parcel_doubtful": "warning",
        "records_vanished": "warning",
        "notice_raised": "warning",
        "replay_registered": "info",
        "quarantine_revealed": "warning",
        "quarantine_discarded": "warning",
        "consent_recorded": "info",
        "renewal_postponed": "warning",
        "audit_unanchored": "warning",
        "alert_sent": "info",
        "state_sent": "info",
        "alert_unsent": "warning",
        "events_sent": "info",
        "events_unsent": "warning",
        "events_failed": "error",
        "subscription_changed": "warning",
        "figures_sent": "info",
        "figures_unsent": "warning",
        "destination_reconciled": "warning",
        "parcel_dropped": "warning",
        "parcel_retried": "info",
        "tidied": "info",
        "shelf_filled": "info",
        "shelf_emptied": "warning",
        "shelf_expired": "info",
        "persons_withdrawn": "warning",
        "persons_erased": "warning",
        "person_exported": "warning",
        "key_changed": "warning",
        "organisation_shredded": "warning",
        "journal_moved": "warning",
        "deposits_moved": "warning",
        "keys_moved": "info",
        "keys_destroyed": "info",
        "backup_made": "info",
        "state_restored": "warning",
        "organisation_added": "info",
        "organisation_failed": "error",
        "subjects_forgotten": "info",
        "foreign_words_dropped": "warning",
        "tidy_failed": "error",
        "tidy_postponed": "warning",
        "journal_changed": "error",
        "process_stopped": "error",
        "process_failed": "error",
        "library_warned": "warning",
        "log_misused": "error",
    },
)
"""Every event that may be logged, with its level."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _make_pattern_check(pattern: str) -> Callable[[object], bool]:
    compiled = re.compile(rf"(?:{pattern})\Z")
    return lambda value: isinstance(value, str) and compiled.match(value) is not None


_COUNTS = (
    *("run", "flows", "batch", "rows", "received", "aside", "size", "exit", "bytes_done", "bytes_total"),
    *("count", "withdrawn", "expired", "removed", "warnings", "line", "subscription"),
    *(fate.value for fate in Fate),
)
KEYS: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    {
        **dict.fromkeys(_COUNTS, _is_number),
        "flow": _make_pattern_check(r"[a-z0-9][a-z0-9-]{0,39}"),
        "organisation": _make_pattern_check(r"[a-z0-9-]{1,40}"),
        "parcel": _make_pattern_check(r"[0-9a-f]{12,64}(-[0-9]{1,9})?"),
        "code": lambda value: isinstance(value, str) and value in REASONS,
        "contract": _make_pattern_check(r"[a-z_]{1,40}/[0-9]{1,3}"),
        "rehearsal": lambda value: value is True,
        "library": _make_pattern_check(r"[A-Za-z_][A-Za-z0-9_]{0,39}"),
        "event": lambda value: value in EVENTS,
        "level": lambda value: value in _LEVELS,
        "timestamp": _make_pattern_check(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z"),
        "dropped": _is_number,
    },
)
"""Every key that may be logged, with what its value must look like."""


def allow(_logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the allow-list knows of an event; drop and count the rest. A processor of structlog."""
    allowed: dict[str, Any] = {}
    dropped = 0
    for key, raw in event.items():
        value = raw.value if isinstance(raw, Enum) else raw
        if key == "error" and isinstance(value, BaseException):
            allowed[key] = trace(value)
        elif (is_allowed := KEYS.get(key)) and is_allowed(value):
            allowed[key] = value
        else:
            dropped += 1
    return {**allowed, "dropped": dropped} if dropped else allowed


def trace(error: BaseException) -> dict[str, Any]:
    """Return the class of an exception, our code if it has one, and files and lines it passed; never its message."""
    entry: dict[str, Any] = {
        "class": name_class(error),
        "places": list_places(error.__traceback__),
    }
    if isinstance(error, PasserelleError):
        entry["code"] = error.code
    if error.__cause__ is not None:
        entry["cause"] = trace(error.__cause__)
    return entry


def log(event: str, **keys: object) -> None:
    """Write one event. An event that is not in `EVENTS` is our mistake: it is logged as such, without its keys."""
    level = EVENTS.get(event)
    if _rehearsal.get():
        keys["rehearsal"] = True
    if organisation := _organisation.get():
        keys["organisation"] = organisation
    if level is None:
        event, level, keys = "log_misused", "error", {}
    getattr(_get_logger(), level)(event, **keys)


@contextmanager
def mark_rehearsal() -> Iterator[None]:
    """Mark every event with `rehearsal`: what these report did not really happen."""
    token = _rehearsal.set(True)
    try:
        yield
    finally:
        _rehearsal.reset(token)


@contextmanager
def mark_organisation(name: str) -> Iterator[None]:
    """Mark every event with the organisation that it is about, where one process works for several."""
    token = _organisation.set(name)
    try:
        yield
    finally:
        _organisation.reset(token)


_rehearsal: ContextVar[bool] = ContextVar("rehearsal", default=False)
_organisation: ContextVar[str] = ContextVar("organisation", default="")
_current: list[Callable[[], Any]] = []
"""Makes the logger, which is built for the first event: many commands log none."""


def configure(*, form: Format | None = None, stream: TextIO | None = None) -> None:
    """Set up the log once, at the start of the process.

    Without `form`: for a person, short lines for warnings and worse; elsewhere JSON lines for everything. Libraries'
    own logs and uncaught exceptions of threads come here too, without their messages.
    """
    form = form or _choose_form(stream or sys.stderr)
    _current[:] = [cache(partial(_build_logger, form, stream))]
    root = logging.getLogger()
    root.handlers = [_LibraryHandler(level=logging.WARNING)]
    logging.captureWarnings(capture=True)
    # Python's own hooks print the message of an exception, which may hold values.
    threading.excepthook = _log_failure
    sys.unraisablehook = _log_failure
    sys.excepthook = lambda _kind, error, _trace: log("process_failed", error=error)


def _choose_form(stream: TextIO) -> Format:
    """Return `text` where a person reads, `json` where a program does."""
    # A pipe in a person's session (`passerelle run 2>&1 | less`) ends on the person's terminal; a file does not, and
    # under cron, systemd or a scheduled task no stream is a terminal.
    if _is_terminal(stream):
        return "text"
    is_watched = _is_pipe(stream) and (_is_terminal(sys.stdin) or _is_terminal(sys.stdout))
    return "text" if is_watched else "json"


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; a closed or absent one is none."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a stream in memory has no descriptor
        return False


def _get_logger() -> Any:
    if not _current:
        # nobody configured it: what stops a program before its first line may still happen under a person's eyes
        _current.append(cache(partial(_build_logger, _choose_form(sys.stderr), None)))
    return _current[0]()


def _build_logger(form: Format, stream: TextIO | None) -> Any:
    """Build a logger of our own, so that it never writes unfiltered, even when nobody configured it."""
    structlog = _import_structlog()
    if form == "json":
        render: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
        threshold = logging.INFO
    else:
        render = structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event"), drop_missing=True)
        threshold = logging.WARNING
    return structlog.wrap_logger(
        _LineWriter(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        cache_logger_on_first_use=True,
    )


def _import_structlog() -> Any:
    """Import structlog without rich: it loads sixty modules of it for tracebacks that are never shown here."""
    hide = "rich" not in sys.modules
    if hide:
        sys.modules["rich"] = None  # type: ignore[assignment]  # how Python is told that it is not there
    try:
        return import_module("structlog")
    finally:
        if hide:
            del sys.modules["rich"]


class _LineWriter:
    """Writes whole lines, at once; without a stream, to what standard error is at that moment."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        stream = self._stream or sys.stderr
        with speak_up():
            stream.write(f"{show_text(line)}\n")  # a plugin names its classes and files itself
            stream.flush()

    debug = info = warning = error = msg


class _LibraryHandler(logging.Handler):
    """Logs that a library logged something: which library and where, never its message."""

    def emit(self, record: logging.LogRecord) -> None:
        log("library_warned", library=record.name.partition(".")[0], line=record.lineno)


def _log_failure(args: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
    log("process_failed", error=args.exc_value)
