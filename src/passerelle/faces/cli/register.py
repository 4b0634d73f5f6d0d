"""`passerelle register`: draft the record of processing, and the map of data flows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, format_document, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.supplier_moves import list_moves
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _, get_current, translate_plural
from passerelle.vocabulary.safe_files import ANYBODY, write_whole

if TYPE_CHECKING:
    from passerelle.tender.register.recording import Register

FORMS = ("html", "xlsx", "json")
NAMES = {"html": "registre.html", "xlsx": "registre.xlsx", "json": "registre.json"}


@translated_click.command(
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
@translated_click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar=N_("FOLDER"),
    help=N_("Where to write; the current folder if not said."),
)
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help=N_("Only this form; all of them if not said. JSON is shown when no folder is named."),
)
@pass_invocation
@click.pass_context
def command(ctx: click.Context, invocation: Invocation, output: Path, form: str | None) -> Exit:
    """Write the record."""
    from passerelle.tender.register.recording import draft_register  # noqa: PLC0415  kept out of start-up

    invocation.form = "json" if form == "json" else "text"
    settings = invocation.read_settings()
    moves = list_moves(settings.path.parent, {name: flow.connector for name, flow in settings.flows.items()})
    register = draft_register(settings, invocation.load_plugins(), moves)
    # the default folder is this one, so only click knows whether it was named
    is_named = ctx.get_parameter_source("output") is not click.core.ParameterSource.DEFAULT
    if form == "json" and not is_named:
        show(_write_form(register, form).decode().rstrip())
        return Exit.SETTLED
    written = []
    for name in [form] if form else FORMS:
        path = output / NAMES[name]
        content = _write_form(register, name)
        with refuse_unreadable(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content, ANYBODY)
        written.append(path.name)
    if form == "json":
        return Exit.SETTLED
    show(_("Written: {files}.").format(files=", ".join(written)))
    if unneeded := register.list_unneeded():
        show(_("Fields that are received and serve no flow: {count}.").format(count=len(unneeded)))
    _show_blanks(register)
    show(_("This is a draft: the controller completes and validates it."))
    return Exit.SETTLED


def _show_blanks(register: Register) -> None:
    from passerelle.tender.register.describing import RegisterWords, count_blanks  # noqa: PLC0415  kept out of start-up

    if blanks := count_blanks(register, RegisterWords(get_current())):
        words = translate_plural(
            "{count} place is to be completed: state it in the settings, under [controller] and processing.",
            "{count} places are to be completed: state them in the settings, under [controller] and processing.",
            blanks,
        )
        show(words.format(count=format_count(blanks)), err=True)


def _write_form(register: Register, form: str) -> bytes:
    from passerelle.tender.register import forms  # noqa: PLC0415  kept out of start-up

    match form:
        case "html":
            return forms.write_page(register, get_current())
        case "xlsx":
            return forms.write_workbook(register, get_current())
        case _:
            # the content holds tuples and enums: what is read back is plain JSON
            content = json.loads(json.dumps(forms.to_content(register)))
            return (format_document("register", content) + "\n").encode()
