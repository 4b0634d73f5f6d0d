"""`passerelle flow`: let a suspended flow go on, try one of its parcels again, or drop it."""

from __future__ import annotations

import click

from passerelle.engine.parcel_acts import drop_parcel, retry_parcel
from passerelle.engine.running import resume_flow
from passerelle.faces.cli import flow_again, translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.parcels import shorten_key


@translated_click.group(
    "flow",
    help=N_("A flow is suspended when it cannot go on before somebody acts: access refused, purpose impossible."),
    examples=(
        ("flow resume visites", N_("after the password was renewed")),
        ("flow retry visites 3f9ac0de1234", N_("one parcel that was parked")),
        ("flow drop visites 3f9ac0de1234", N_("one parcel that nobody wants")),
    ),
)
def command() -> None:
    """Hold the commands below."""


command.add_command(flow_again.take_again)
command.add_command(flow_again.deliver_all)


@command.command(
    "resume",
    help=N_("Let a flow that is suspended or waits go on at the next run, with the parcels that could not be read."),
    examples=(
        ("flow resume visites", N_("this flow")),
        (
            "flow resume visites --absent keep",
            N_("what a file without some columns does not say stays as it is"),
        ),
    ),
)
@translated_click.argument("name", metavar=N_("FLOW"), help=N_("The flow."), shell_complete=complete_flow)
@translated_click.option(
    "--absent",
    type=click.Choice(["keep", "empty"]),
    help=N_("What the columns mean that parked files lack: keep what was delivered, or empty it. This once."),
)
@answer_format
@pass_invocation
def resume(invocation: Invocation, name: str, absent: str | None) -> Exit:
    """Lift a suspension and take parked parcels up again."""
    # through the settings: a flow that only the journal knows cannot run, so it cannot be resumed
    flow = invocation.read_settings().get_flow(name).name
    with invocation.open_workspace() as workspace:
        resumed = resume_flow(workspace, flow, who=name_operator(), absent=absent or "")
    words = _("{flow} goes on at the next run. Parcels taken up again: {count}.")
    content = {"flow": resumed.flow, "was_suspended": resumed.was_suspended, "parcels_reopened": resumed.reopened}
    invocation.answer("flow.resume", content, lambda: words.format(flow=resumed.flow, count=resumed.reopened))
    return Exit.SETTLED


_parcel = translated_click.argument("parcel", metavar=N_("PARCEL"), help=N_("Its number, as `status` shows it."))


@command.command(
    "retry",
    help=N_("Let the next run take one parcel again that could not be read, that waits, or that was dropped."),
    examples=(("flow retry visites 3f9ac0de1234", N_("this parcel")),),
)
@translated_click.argument("name", metavar=N_("FLOW"), help=N_("The flow."), shell_complete=complete_flow)
@_parcel
@answer_format
@pass_invocation
def retry(invocation: Invocation, name: str, parcel: str) -> Exit:
    """Take one parcel up again."""
    with invocation.open_workspace() as workspace:
        retried = retry_parcel(workspace, name, parcel, who=name_operator())
    words = _("{flow}: the next run takes parcel {parcel} again.")
    content = {"flow": retried.flow, "parcel": retried.key}
    invocation.answer("flow.retry", content, lambda: words.format(flow=name, parcel=shorten_key(retried.key)))
    return Exit.SETTLED


@command.command(
    "drop",
    help=N_(
        "Drop one parcel that stopped: it is not delivered. What was settled of it stays in the books; its bytes go "
        "after a while, and until then it can be tried again."
    ),
    examples=(
        ("flow drop visites 3f9ac0de1234", N_("this parcel")),
        ('flow drop visites 3f9ac0de1234 --why "sent twice by mistake"', N_("with a reason for the audit trail")),
    ),
)
@translated_click.argument("name", metavar=N_("FLOW"), help=N_("The flow."), shell_complete=complete_flow)
@_parcel
@translated_click.option("--why", default="", metavar=N_("REASON"), help=N_("Why, for the audit trail."))
@answer_format
@pass_invocation
def drop(invocation: Invocation, name: str, parcel: str, why: str) -> Exit:
    """Drop one parcel."""
    with invocation.open_workspace() as workspace:
        dropped = drop_parcel(workspace, name, parcel, why=why, who=name_operator())
    words = _("{flow}: parcel {parcel} is dropped.")
    content = {"flow": dropped.flow, "parcel": dropped.key}
    invocation.answer("flow.drop", content, lambda: words.format(flow=name, parcel=shorten_key(dropped.key)))
    return Exit.SETTLED
