"""`passerelle status`: flows, parcels and their balances, for people, programs, a page, a mail and a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.engine.workspace_status import WorkspaceStatus, read_status
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, format_document, pass_invocation, write_answer
from passerelle.faces.report import flow_status
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from pathlib import Path


@translated_click.command(
    "status",
    help=N_("Show each flow with its state, its books since the beginning, and its latest parcels."),
    examples=(
        ("status", N_("every flow")),
        ("status visites --format json", N_("one flow, for a program")),
        ("status --format html --output etat.html", N_("a page to look at, with pictures of the last thirty days")),
    ),
)
@translated_click.argument(
    "flows", nargs=-1, metavar=N_("[FLOW]..."), help=N_("Flows to show; all of them."), shell_complete=complete_flow
)
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help=N_("Text for people, JSON for programs, HTML for a page that stands alone."),
)
@translated_click.option(
    "--output",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write the answer there instead of showing it."),
)
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...], form: str, output: Path | None) -> Exit:
    """Show the state of flows."""
    invocation.form = form
    names = [invocation.read_settings().get_flow(name).name for name in flows]
    with invocation.open_workspace() as workspace:
        status = read_status(workspace, names)
    write_answer(output, _write(invocation, status, form))
    if status.has_suspended:
        return Exit.SUSPENDED
    return Exit.ASIDE if status.has_notices else Exit.SETTLED


def _write(invocation: Invocation, status: WorkspaceStatus, form: str) -> str:
    """Write the state in a form."""
    match form:
        case "json":
            content = {
                "last_run": flow_status.describe_run(status.last_run),
                "flows": list(map(flow_status.to_content, status.flows)),
            }
            return format_document("status", content)
        case "html":
            from passerelle.engine.incident_sending import name_place_of  # noqa: PLC0415  kept out of start-up
            from passerelle.faces.report import status_page  # noqa: PLC0415  see above

            return status_page.write(status, place=name_place_of(invocation.read_settings()))
        case _:
            return "\n\n".join([flow_status.format_run(status.last_run), *map(flow_status.format_text, status.flows)])
