"""`passerelle check`: what a file is worth, without delivering anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

import click

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.checking import CheckReport, check
from passerelle.engine.run_state import state_of_balance
from passerelle.engine.schemas import set_schema
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.failing import about
from passerelle.faces.cli.invocation import Invocation, page_format, pass_invocation
from passerelle.faces.cli.lanes import Lanes
from passerelle.faces.report import findings, page, text
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passerelle.extension.supplier import Connector


@translated.command(
    "check",
    help=N_(
        "Take a file down the same path as a run, deliver nothing, and say what would be accepted, what would be "
        "set aside and why. Needs no settings. The answer holds no value of the file."
    ),
    examples=(
        ("check export.csv --connector compani-interventions", N_("read the answer here")),
        (
            "check export.csv --connector compani-interventions --format html --output rapport.html",
            N_("a page to send"),
        ),
        ("check export.csv --connector compani-interventions --explain-lanes", N_("why it takes its time")),
    ),
)
@translated.argument(
    "file",
    type=translated.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The supplier's file, as received."),
)
@translated.option(
    "--connector", required=True, metavar="ID", help=N_("How to read it; see «passerelle plugins list».")
)
@translated.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    default=Purpose.PORTABILITY.value,
    show_default=True,
    help=N_("The purpose whose minimisation is applied."),
)
@page_format
@translated.option(
    "--schema",
    type=translated.File(exists=True),
    metavar=N_("FILE"),
    help=N_("For XML: an XSD that the file is held to; what departs from it is a warning with its line."),
)
@translated.option(
    "--explain-lanes",
    is_flag=True,
    help=N_("Say which fields are judged column by column, and which send rows to the slower verdict. Text and JSON."),
)
@pass_invocation
def command(  # noqa: PLR0913  one a option
    invocation: Invocation,
    file: Path,
    connector: str,
    purpose: str,
    form: str,
    output: Path | None,
    *,
    schema: Path | None,
    explain_lanes: bool,
) -> Exit:
    """Check one file."""
    invocation.form = form
    supplier, described, _info = invocation.plugins().find_connector(connector)
    described = set_schema(described, schema)
    lanes = Lanes()
    with about(file), _open_file(file) as stream:
        report = check(
            stream, supplier.id, described, purpose=Purpose(purpose), explain_lanes=explain_lanes, hear=lanes.hear
        )
    answer = _FORMS[form](report, file.name)
    if explain_lanes:
        answer = _with_lanes(answer, lanes, form, supplier.id, described)
    if output is None:
        click.echo(answer)
    else:
        _write(output, answer)
    return Exit(state_of_balance(report.balance))


def _with_lanes(answer: str, lanes: Lanes, form: str, supplier: str, connector: Connector) -> str:
    """Add what the lanes did; a page for people who send exports does not need it."""
    if form == "json":
        content = {**json.loads(answer), "lanes": lanes.content(supplier, connector)}
        return json.dumps(content, ensure_ascii=False, indent=2)
    return f"{answer}\n\n{lanes.text(supplier, connector)}" if form == "text" else answer


def _open_file(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError:
        raise UsageError("usage.file.unreadable", file=file.name) from None


def _write(output: Path, answer: str) -> None:
    try:
        output.write_text(answer + "\n", encoding="utf-8")
    except OSError:
        raise UsageError("usage.file.unreadable", file=output.name) from None


def _write_json(report: CheckReport, _name: str) -> str:
    return json.dumps({"schema": "passerelle.check/1", **findings.content(report)}, ensure_ascii=False, indent=2)


def _write_html(report: CheckReport, name: str) -> str:
    return page.write(report, title=_("Check of {file}").format(file=name))


_FORMS: dict[str, Callable[[CheckReport, str], str]] = {
    "text": lambda report, _name: text.write(report),
    "json": _write_json,
    "html": _write_html,
}
