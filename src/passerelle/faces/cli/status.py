"""`passerelle status`: flows, parcels and their balances."""

from __future__ import annotations

from passerelle.engine.workspace_status import read_status
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.report import flow_status
from passerelle.vocabulary.language import N_


@translated_click.command(
    "status",
    help=N_("Show each flow with its state, its books since the beginning, and its latest parcels."),
    examples=(
        ("status", N_("every flow")),
        ("status visites --format json", N_("one flow, for a program")),
    ),
)
@translated_click.argument(
    "flows", nargs=-1, metavar=N_("[FLOW]..."), help=N_("Flows to show; all of them."), shell_complete=complete_flow
)
@answer_format
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...]) -> Exit:
    """Show the state of flows."""
    names = [invocation.read_settings().get_flow(name).name for name in flows]
    with invocation.open_workspace() as workspace:
        status = read_status(workspace, names)
    run = status.last_run
    invocation.answer(
        "status",
        {"last_run": flow_status.describe_run(run), "flows": list(map(flow_status.to_content, status.flows))},
        lambda: "\n\n".join([flow_status.format_run(run), *map(flow_status.format_text, status.flows)]),
    )
    if status.has_suspended:
        return Exit.SUSPENDED
    return Exit.ASIDE if status.has_notices else Exit.SETTLED
