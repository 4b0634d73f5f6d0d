"""`passerelle flow`: let a suspended flow go on."""

from __future__ import annotations

from passerelle.engine.running import resume_flow
from passerelle.faces.cli import flow_again, translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.vocabulary.language import N_, _


@translated_click.group(
    "flow",
    help=N_("A flow is suspended when it cannot go on before somebody acts: access refused, purpose impossible."),
    examples=(("flow resume visites", N_("after the password was renewed")),),
)
def command() -> None:
    """Hold the commands below."""


command.add_command(flow_again.take_again)
command.add_command(flow_again.deliver_all)


@command.command(
    "resume",
    help=N_("Let a flow that is suspended or waits go on at the next run, with the parcels that could not be read."),
    examples=(("flow resume visites", N_("this flow")),),
)
@translated_click.argument("name", metavar=N_("FLOW"), help=N_("The flow."), shell_complete=complete_flow)
@answer_format
@pass_invocation
def resume(invocation: Invocation, name: str) -> Exit:
    """Lift a suspension and take parked parcels up again."""
    # through the settings: a flow that only the journal knows cannot run, so it cannot be resumed
    flow = invocation.read_settings().get_flow(name).name
    with invocation.open_workspace() as workspace:
        resumed = resume_flow(workspace, flow, who=name_operator())
    words = _("{flow} goes on at the next run. Parcels taken up again: {count}.")
    content = {"flow": resumed.flow, "was_suspended": resumed.was_suspended, "parcels_reopened": resumed.reopened}
    invocation.answer("flow.resume", content, lambda: words.format(flow=resumed.flow, count=resumed.reopened))
    return Exit.SETTLED
