"""`passerelle register`: draft the record of processing, and the map of data flows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, document, pass_invocation
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, get_current

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.tender.register.recording import Register

FORMS = ("html", "xlsx", "json")
NAMES = {"html": "registre.html", "xlsx": "registre.xlsx", "json": "registre.json"}


@translated.command(
    "register",
    help=N_(
        "Draft the record of processing activities (GDPR article 30) and the map of data flows from the settings and "
        "from what the contracts say of each field. The controller completes and validates it. No record is read."
    ),
    examples=(
        ("register", N_("page, workbook and data, in this folder")),
        ("register --format xlsx --output registre", N_("the workbook only, in another folder")),
    ),
)
@translated.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar=N_("FOLDER"),
    help=N_("Where to write; the current folder if not said."),
)
@translated.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help=N_("Only this form; all of them if not said. JSON is shown when no folder is named."),
)
@pass_invocation
@click.pass_context
def command(ctx: click.Context, invocation: Invocation, output: Path, form: str | None) -> Exit:
    """Write the record."""
    from passerelle.tender.register.recording import record  # noqa: PLC0415  kept out of start-up

    invocation.form = "json" if form == "json" else "text"
    register = record(invocation.settings(), invocation.plugins())
    named = ctx.get_parameter_source("output") is not click.core.ParameterSource.DEFAULT
    if form == "json" and not named:
        click.echo(_write_json(register).decode().rstrip())
        return Exit.SETTLED
    written = [_write(output / NAMES[one], _MAKERS[one](register)) for one in ([form] if form else FORMS)]
    if form == "json":
        return Exit.SETTLED
    click.echo(_("Written: {files}.").format(files=", ".join(written)))
    if unneeded := register.unneeded_anywhere():
        click.echo(_("Fields that are received and serve no flow: {count}.").format(count=len(unneeded)))
    click.echo(_("This is a draft: the controller completes and validates it."))
    return Exit.SETTLED


def _write_json(register: Register) -> bytes:
    from passerelle.tender.register import forms  # noqa: PLC0415  kept out of start-up

    content = json.loads(json.dumps(forms.content(register)))
    return (document("register", content) + "\n").encode()


def _write_page(register: Register) -> bytes:
    from passerelle.tender.register import forms  # noqa: PLC0415  kept out of start-up

    return forms.page(register, get_current())


def _write_workbook(register: Register) -> bytes:
    from passerelle.tender.register import forms  # noqa: PLC0415  kept out of start-up

    return forms.workbook(register, get_current())


_MAKERS: dict[str, Callable[[Register], bytes]] = {"html": _write_page, "xlsx": _write_workbook, "json": _write_json}


def _write(path: Path, content: bytes) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
    return path.name
