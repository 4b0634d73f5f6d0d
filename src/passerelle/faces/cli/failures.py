"""Errors as people and programs read them: what is wrong, where, what to do; no traceback, no value."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from passerelle.faces.cli.exits import Exit, of_error
from passerelle.faces.cli.showing import show
from passerelle.vocabulary.errors import ParcelError, PasserelleError, SettingsError, UsageError
from passerelle.vocabulary.fault_names import name_class
from passerelle.vocabulary.formatting import escape_unseen, format_labelled
from passerelle.vocabulary.language import _
from passerelle.vocabulary.parcels import shorten_key
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.faces.cli.invocation import Invocation


@contextmanager
def name_file(file: Path) -> Iterator[None]:
    """Add the name of a file that the command was given to errors about its content."""
    try:
        yield
    except ParcelError as error:
        error.details["file"] = file.name
        raise


def report_error(error: PasserelleError, invocation: Invocation) -> Exit:
    """Write one of our errors on standard error; as JSON on standard output where the answer was to be JSON."""
    if invocation.form == "json":
        content = {"schema": "passerelle.error/1", **describe_error(error)}
        show(escape_unseen(json.dumps(content, ensure_ascii=False, indent=2)))
    else:
        show(format_error(error), err=True)
    code = of_error(error)
    # only what stops the process is for the log: the rest is the answer to a person who is there
    if code is Exit.STOPPED:
        from passerelle.engine.log import log  # noqa: PLC0415  kept out of start-up

        log("process_stopped", error=error)
    return code


def report_fault(error: BaseException) -> Exit:
    """Write that a fault is ours; the log has the places in the code.

    The exception's own message may hold values of records and is shown nowhere.
    """
    from passerelle.engine.log import log  # noqa: PLC0415  kept out of start-up

    log("process_failed", error=error)
    words = _("Passerelle stopped because of a fault of its own ({kind}). Nothing is lost.")
    advice = _("Please report it with the last line of the log, which holds no personal data.")
    show(f"{words.format(kind=name_class(error))}\n{advice}", err=True)
    sys.stderr.flush()
    return Exit.STOPPED


def describe_error(error: PasserelleError) -> dict[str, Any]:
    """Return an error as `passerelle.error/1` has it."""
    says, advice = explain(error.code, error.details)
    content: dict[str, Any] = {"code": error.code, "message": says, "advice": advice}
    if where := _find_place(error):
        content["where"] = where
    if isinstance(error, SettingsError | UsageError) and error.problems:
        content["problems"] = [describe_error(problem) for problem in error.problems]
    return content


def format_error(error: PasserelleError) -> str:
    """Write an error: where, what, each problem of settings, and what to do."""
    says, advice = explain(error.code, error.details)
    parts = [format_labelled(_find_place(error), says)]
    if isinstance(error, SettingsError | UsageError):
        parts += [format_error(problem) for problem in error.problems]
    if advice:
        parts.append(f"  → {advice}")
    return "\n".join(parts)


def _find_place(error: PasserelleError) -> str:
    """Return where it is: file, line and key of the settings, or flow, parcel and batch."""
    details = error.details
    if isinstance(error, ParcelError) and "file" in details:
        return details["file"]  # its sentence says the line, where there is one
    if "line" in details and not isinstance(error, ParcelError):
        return _("{file}, line {line}").format(file=details.get("file", ""), line=details["line"])
    parts = []
    if error.flow:
        parts.append(_("flow {flow}").format(flow=error.flow))
    if error.parcel:
        parts.append(_("parcel {parcel}").format(parcel=shorten_key(error.parcel)))
    if error.batch is not None:
        parts.append(_("batch {batch}").format(batch=error.batch))
    return ", ".join(parts)
