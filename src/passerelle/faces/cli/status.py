"""`passerelle status`: flows, parcels and their balances, for people, for programs, as a page, as a mail."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from passerelle.engine.health.workspace_status import WorkspaceStatus, read_status
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import (
    Invocation,
    format_document,
    organisation_option,
    pass_invocation,
    write_answer,
)
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.telling import tell_what_stops
from passerelle.faces.report import flow_status
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.safe_files import OWNER, SHARED

if TYPE_CHECKING:
    from pathlib import Path


@translated_click.command(
    "status",
    help=N_("Show each flow with its state, its books since the beginning, and its latest parcels."),
    examples=(
        ("status", N_("every flow")),
        ("status visites --format json", N_("one flow, for a program")),
        ("status --format html --output etat.html", N_("a page to look at, with pictures of the last thirty days")),
        (
            "status --format prometheus --output /var/lib/prometheus/node-exporter/passerelle.prom",
            N_("figures for a monitor, written whole or not at all"),
        ),
        ("status --mail", N_("from a timer, every morning: the page, to whom the settings name")),
    ),
)
@translated_click.argument(
    "flows", nargs=-1, metavar=N_("[FLOW]..."), help=N_("Flows to show; all of them."), shell_complete=complete_flow
)
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "prometheus"]),
    default="text",
    show_default=True,
    help=N_("Text for people, JSON for programs, HTML for a page that stands alone, figures for a Prometheus monitor."),
)
@translated_click.option(
    "--output",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write the answer there instead of showing it."),
)
@translated_click.option(
    "--mail",
    "is_mailed",
    is_flag=True,
    help=N_("Mail the page and the text to the readers of «notify.mail» instead; 0 when it went, 75 when it did not."),
)
@organisation_option
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...], form: str, output: Path | None, *, is_mailed: bool) -> Exit:
    """Show the state of flows, or mail it."""
    invocation.form = form
    if is_mailed and (output is not None or form != "text"):
        raise click.UsageError(_("--mail sends the page and the text: it goes without --format and --output."))
    if not is_mailed and (installation := invocation.find_installation()):
        from passerelle.faces.cli.over_all import refuse_flows, show_overview  # noqa: PLC0415  most have one alone

        refuse_flows(invocation, flows)
        return show_overview(invocation, installation, form, output)
    # what a timer starts tells what stops it: nobody reads its terminal
    with tell_what_stops(invocation) if is_mailed else nullcontext():
        settings = invocation.read_settings()
        if is_mailed and settings.notify.mail is None:
            raise UsageError("usage.mail.none")
        names = [settings.get_flow(name).name for name in flows]
        with invocation.open_workspace() as workspace:
            status = read_status(workspace, names)
    if is_mailed:
        return _send(invocation, status)
    # a monitor reads under an account of its own
    write_answer(output, _write(invocation, status, form), SHARED if form == "prometheus" else OWNER)
    if status.has_suspended:
        return Exit.SUSPENDED
    return Exit.ASIDE if status.has_notices or status.has_parked else Exit.SETTLED


def _send(invocation: Invocation, status: WorkspaceStatus) -> Exit:
    """Mail the state; what keeps a server from taking it is an error like any other."""
    from passerelle.engine.clock import SystemClock  # noqa: PLC0415  see above
    from passerelle.engine.incidents.alerting import send_state  # noqa: PLC0415  kept out of start-up
    from passerelle.engine.incidents.incident_sending import name_place_of  # noqa: PLC0415  see above
    from passerelle.faces.report.status_mail import write_mail  # noqa: PLC0415  see above

    settings = invocation.read_settings()
    text = write_mail(status, place=name_place_of(settings))
    send_state(settings, text, status.read_at, SystemClock())
    readers = len(settings.notify.mail.to) if settings.notify.mail else 0
    show(translate_plural("Mailed to {count} reader.", "Mailed to {count} readers.", readers).format(count=readers))
    return Exit.SETTLED


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
            from passerelle.engine.incidents.incident_sending import name_place_of  # noqa: PLC0415  kept out of start-up
            from passerelle.faces.report import status_page  # noqa: PLC0415  see above

            return status_page.write(status, place=name_place_of(invocation.read_settings()))
        case "prometheus":
            from passerelle.faces.report.monitor_series import write_series  # noqa: PLC0415  kept out of start-up

            return write_series(status)
        case _:
            return flow_status.format_all(status)
