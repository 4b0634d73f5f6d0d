"""`passerelle flow`: let a suspended flow go on, act on one of its parcels, look at what vanished, confirm it."""

from __future__ import annotations

import click

from passerelle.engine.decisions.parcel_acts import StoppedParcel, drop_parcel, retry_parcel
from passerelle.engine.runs.running import resume_flow
from passerelle.faces.cli import flow_again, translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.flow_again import name_flow
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.parcels import shorten_key


@translated_click.group(
    "flow",
    help=N_(
        "A flow is suspended when it cannot go on before somebody acts: access refused, purpose impossible. A parcel "
        "is held when more records vanished than the flow deletes unasked."
    ),
    examples=(
        ("flow resume visites", N_("after the password was renewed")),
        ("flow retry visites 3f9ac0de1234", N_("one parcel that was parked")),
        ("flow drop visites 3f9ac0de1234", N_("one parcel that nobody wants")),
        ("flow vanished visites", N_("what the latest whole export no longer holds")),
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
@name_flow
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
@name_flow
@_parcel
@answer_format
@pass_invocation
def retry(invocation: Invocation, name: str, parcel: str) -> Exit:
    """Take one parcel up again."""
    with invocation.open_workspace() as workspace:
        retried = retry_parcel(workspace, name, parcel, who=name_operator())
    return _tell(invocation, "flow.retry", retried, _("{flow}: the next run takes parcel {parcel} again."))


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
@name_flow
@_parcel
@why_kept
@answer_format
@pass_invocation
def drop(invocation: Invocation, name: str, parcel: str, why: str) -> Exit:
    """Drop one parcel."""
    with invocation.open_workspace() as workspace:
        dropped = drop_parcel(workspace, name, parcel, why=why, who=name_operator())
    return _tell(invocation, "flow.drop", dropped, _("{flow}: parcel {parcel} is dropped."))


def _tell(invocation: Invocation, act: str, parcel: StoppedParcel, words: str) -> Exit:
    """Answer with the parcel that was acted upon."""
    content = {"flow": parcel.flow, "parcel": parcel.key}
    invocation.answer(act, content, lambda: words.format(flow=parcel.flow, parcel=shorten_key(parcel.key)))
    return Exit.SETTLED


@command.command(
    "vanished",
    help=N_(
        "Count what the latest whole export no longer holds and the destination still has, and what a held export "
        "would delete. The references of the records are shown only with --reveal and --why."
    ),
    examples=(
        ("flow vanished visites", N_("how many, by contract and day")),
        ('flow vanished visites --reveal --why "…"', N_("which ones, which is recorded")),
    ),
)
@name_flow
@translated_click.option("--reveal", is_flag=True, help=N_("Show the references, with --why."))
@why_kept
@answer_format
@pass_invocation
def vanished(invocation: Invocation, name: str, *, reveal: bool, why: str) -> Exit:
    """List what vanished."""
    # the engine of comparisons is heavy: «flow resume» does without it
    from passerelle.engine.decisions.vanished_acts import list_vanished, reveal_vanished  # noqa: PLC0415  see above
    from passerelle.faces.report import vanished as report  # noqa: PLC0415  see above

    flow = invocation.read_settings().get_flow(name).name
    with invocation.open_workspace() as workspace:
        if reveal:
            found = reveal_vanished(workspace, flow, why=why, who=name_operator())
        else:
            found = list_vanished(workspace, flow)
    content = {"flow": flow, "vanished": report.to_contents(found, reveal=reveal)}
    invocation.answer("flow.vanished", content, lambda: report.format_text(found, reveal=reveal))
    return Exit.SETTLED


@command.command(
    "confirm",
    help=N_(
        "Note that somebody looked: the latest parcel that is held goes through at the next run, once, with all its "
        "deletions; notices of the flow are cleared."
    ),
    examples=(('flow confirm visites --why "…"', N_("after the export was found to be complete")),),
)
@name_flow
@why_kept
@answer_format
@pass_invocation
def confirm(invocation: Invocation, name: str, *, why: str) -> Exit:
    """Confirm what a flow was held for."""
    from passerelle.engine.decisions.vanished_acts import confirm_flow  # noqa: PLC0415  as above

    flow = invocation.read_settings().get_flow(name).name
    with invocation.open_workspace() as workspace:
        confirmed = confirm_flow(workspace, flow, why=why, who=name_operator())
    words = _("{flow}: parcels let through at the next run: {parcels}; notices cleared: {notices}.")
    content = {"flow": confirmed.flow, "parcels": confirmed.parcels, "notices": confirmed.notices}
    invocation.answer("flow.confirm", content, lambda: words.format(**content))
    return Exit.SETTLED
