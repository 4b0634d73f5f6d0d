"""`passerelle check`: take one file down the path of a run, deliver nothing, and report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.clock import SystemClock, find_local_day
from passerelle.engine.file_check import check
from passerelle.engine.run_state import find_balance_state
from passerelle.engine.xml_schemas import set_schema
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.failures import name_file
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, add_page_options, pass_invocation, write_answer
from passerelle.faces.cli.validation_paths import PathReport
from passerelle.faces.report import findings, page, text
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passerelle.engine.file_check import CheckReport


@translated_click.command(
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
        ("check export.csv --connector compani-interventions --explain-paths", N_("why it takes its time")),
    ),
)
@translated_click.argument(
    "file",
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The supplier's file, as received."),
)
@translated_click.option(
    "--connector", required=True, metavar="ID", help=N_("How to read it; see «passerelle plugins list».")
)
@translated_click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    default=Purpose.PORTABILITY.value,
    show_default=True,
    help=N_("The purpose whose minimisation is applied."),
)
@add_page_options
@translated_click.option(
    "--schema",
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("For XML: an XSD that the file is held to; what departs from it is a warning with its line."),
)
@translated_click.option(
    "--explain-paths",
    is_flag=True,
    help=N_("Say which fields are judged column by column, and which send rows to the slower verdict. Text and JSON."),
)
# the name of this option until November 2026: scripts that were written then go on working
@translated_click.option("--explain-lanes", is_flag=True, hidden=True)
@pass_invocation
def command(  # noqa: PLR0913  one argument an option
    invocation: Invocation,
    file: Path,
    connector: str,
    purpose: str,
    form: str,
    output: Path | None,
    *,
    schema: Path | None,
    explain_paths: bool,
    explain_lanes: bool,
) -> Exit:
    """Check one file."""
    invocation.form = form
    if explain_lanes:
        click.echo(_("«--explain-lanes» is now called «--explain-paths»."), err=True)
    explain = explain_paths or explain_lanes
    supplier, found, _info = invocation.load_plugins().find_connector(connector)
    described = set_schema(found, schema)
    paths = PathReport()
    with refuse_unreadable(file):
        stream = file.open("rb")
    with name_file(file), stream:
        report = check(
            stream,
            supplier.id,
            described,
            purpose=Purpose(purpose),
            received_on=find_local_day(SystemClock().now()),
            explain_paths=explain,
            on_ledger=paths.count_batch,
        )
    answer = _FORMS[form](report, file.name)
    # a page for people who send exports does not need it
    if explain and form == "json":
        content = {**json.loads(answer), "lanes": paths.to_content(supplier.id, described)}
        answer = json.dumps(content, ensure_ascii=False, indent=2)
    elif explain and form == "text":
        answer = f"{answer}\n\n{paths.format_text(supplier.id, described)}"
    write_answer(output, answer)
    return Exit(find_balance_state(report.balance))


_FORMS: dict[str, Callable[[CheckReport, str], str]] = {
    "text": lambda report, _name: text.write(report),
    "json": lambda report, _name: json.dumps(
        {"schema": "passerelle.check/1", **findings.to_content(report)}, ensure_ascii=False, indent=2
    ),
    "html": lambda report, name: page.write(report, title=_("Check of {file}").format(file=name)),
}
