"""`passerelle check`: take one file down the path of a run, deliver nothing, and report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.clock import SystemClock, find_local_day
from passerelle.engine.rehearsal.file_check import check
from passerelle.engine.runs.run_state import find_balance_state
from passerelle.engine.workspace.xml_schemas import set_schema
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.failures import name_file
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, add_page_options, format_document, pass_invocation, write_answer
from passerelle.faces.cli.locality_options import add_locality_options
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.validation_paths import PathReport
from passerelle.faces.report import findings, page, text
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.locality import Locality
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.supplier import Connector, Supplier


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
        ("check export.csv --connector compani-interventions --zone Indian/Reunion", N_("as a flow there")),
        ("check export.csv --connector compani-interventions --unread", N_("what is left unread on purpose")),
        ("check export.csv --supplier editeurs/agenda.toml", N_("by a description that no settings name yet")),
    ),
)
@translated_click.argument(
    "file",
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The supplier's file, as received."),
)
@translated_click.option(
    "--connector",
    default="",
    metavar="ID",
    help=N_("How to read it; see «passerelle plugins list». Not needed for a description of one connector."),
)
@translated_click.option(
    "--supplier",
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("A description in TOML that is read instead of the plugins."),
)
@translated_click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    default=Purpose.PORTABILITY.value,
    show_default=True,
    help=N_("The purpose whose minimisation is applied."),
)
@add_locality_options
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
@translated_click.option(
    "--unread",
    is_flag=True,
    help=N_("List what the connector leaves unread on purpose, with its reason and the values that the file holds."),
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
    supplier: Path | None,
    zone: str,
    country: str,
    schema: Path | None,
    explain_paths: bool,
    explain_lanes: bool,
    unread: bool,
) -> Exit:
    """Check one file."""
    invocation.form = form
    if explain_lanes:
        show(_("«--explain-lanes» is now called «--explain-paths»."), err=True)
    explain = explain_paths or explain_lanes
    owner, found = _find_connector(invocation, connector, supplier)
    described = set_schema(found, schema)
    paths = PathReport()
    with refuse_unreadable(file):
        stream = file.open("rb")
    with name_file(file), stream:
        report = check(
            stream,
            owner.id,
            described,
            purpose=Purpose(purpose),
            locality=Locality(zone, country),
            received_on=find_local_day(SystemClock().now()),
            explain_paths=explain,
            name=file.name,
            on_ledger=paths.count_batch,
        )
    if form == "html":
        # for people who send exports: without how it was judged, and without the file's name, which may be a person's
        answer = page.write(report, title=_("Check of a file"))
    elif form == "json":
        added = {"lanes": paths.to_content(owner.id, described)} if explain else {}
        added |= {"unread": findings.list_unread(report)} if unread else {}
        answer = format_document("check", {**findings.to_content(report), **added})
    else:
        added_texts = [paths.format_text(owner.id, described)] if explain else []
        added_texts += [text.write_unread(report)] if unread else []
        answer = "\n\n".join([text.write(report), *added_texts])
    write_answer(output, answer)
    return Exit(find_balance_state(report.balance))


def _find_connector(invocation: Invocation, connector: str, description: Path | None) -> tuple[Supplier, Connector]:
    """Find how the file is read. Raises UsageError when nothing says it, SettingsError for a wrong description."""
    if description is None:
        if not connector:
            raise click.UsageError(_("Name a connector (--connector), or the file of a description (--supplier)."))
        owner, found, _info = invocation.load_plugins().find_connector(connector)
        return owner, found
    from passerelle.extension.loading import describe_file, load_plugins  # noqa: PLC0415  kept out of start-up

    described = load_plugins((), among=(), local=(describe_file(description),))
    if not connector and len(described.connectors) > 1:
        known = join_names(described.connectors)
        raise click.UsageError(
            _("The description has several connectors: name one with --connector ({known}).").format(known=known)
        )
    owner, found, _info = described.find_connector(connector or next(iter(described.connectors)))
    return owner, found
