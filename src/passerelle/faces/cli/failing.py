"""How a failure is told: what is wrong, where, and what to do; never a traceback, never a value."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from passerelle.faces.cli.exits import Exit, of_error
from passerelle.vocabulary.errors import ParcelError, PasserelleError, SettingsError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.faces.cli.invocation import Invocation


@contextmanager
def about(file: Path) -> Iterator[None]:
    """Let what is wrong with a file that the command was given name it."""
    try:
        yield
    except ParcelError as error:
        error.details["file"] = file.name
        raise


def tell(error: PasserelleError, invocation: Invocation) -> Exit:
    """Write one of our errors on standard error; as JSON on standard output where the answer was to be JSON."""
    if invocation.form == "json":
        document = {"schema": "passerelle.error/1", **_to_content(error)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo(_format_text(error), err=True)
    code = of_error(error)
    if code is Exit.STOPPED:
        from passerelle.engine.log import log  # noqa: PLC0415  kept out of start-up

        log("process_stopped", error=error)
    return code


def tell_fault(error: Exception) -> Exit:
    """Write that a fault is ours: the log has its places; its message may hold values and is not shown."""
    from passerelle.engine.log import log  # noqa: PLC0415  kept out of start-up

    log("process_failed", error=error)
    words = _("Passerelle stopped because of a fault of its own ({kind}). Nothing is lost.")
    advice = _("Please report it with the last line of the log, which holds no personal data.")
    click.echo(f"{words.format(kind=type(error).__name__)}\n{advice}", err=True)
    sys.stderr.flush()
    return Exit.STOPPED


def _to_content(error: PasserelleError) -> dict[str, Any]:
    says, advice = explain(error.code, error.details)
    content: dict[str, Any] = {"code": error.code, "message": says, "advice": advice}
    if where := _where(error):
        content["where"] = where
    if isinstance(error, SettingsError) and error.problems:
        content["problems"] = [_to_content(problem) for problem in error.problems]
    return content


def _format_text(error: PasserelleError) -> str:
    says, advice = explain(error.code, error.details)
    parts = [format_labelled(_where(error), says)]
    if isinstance(error, SettingsError):
        parts += [_format_text(problem) for problem in error.problems]
    if advice:
        parts.append(f"  → {advice}")
    return "\n".join(parts)


def _where(error: PasserelleError) -> str:
    """Return where it is: file, line and key of the settings, or flow, parcel and batch."""
    facts = error.details
    if isinstance(error, ParcelError) and "file" in facts:
        return facts["file"]  # its sentence says the line, where there is one
    if "line" in facts and not isinstance(error, ParcelError):
        return _("{file}, line {line}").format(file=facts.get("file", ""), line=facts["line"])
    found = []
    if error.flow:
        found.append(_("flow {flow}").format(flow=error.flow))
    if error.parcel:
        found.append(_("parcel {parcel}").format(parcel=error.parcel[:12]))
    if error.batch is not None:
        found.append(_("batch {batch}").format(batch=error.batch))
    return ", ".join(found)
