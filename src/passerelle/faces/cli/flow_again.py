"""`passerelle flow take-again` and `deliver-all`: what was received before goes the same way once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.faces.cli.progress import watch_flows
from passerelle.faces.report import flow_outcome
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.parcels import shorten_key

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from passerelle.engine.runs.taking_again import TakenAgain

name_flow = translated_click.argument("name", metavar=N_("FLOW"), help=N_("The flow."), shell_complete=complete_flow)
"""The flow that a command of `passerelle flow` is about."""


@translated_click.command(
    "take-again",
    help=N_(
        "Take what is still kept, or files, through the mapping as it is now; the next run delivers what differs. "
        "Without an option, everything that is kept."
    ),
    examples=(
        ("flow take-again visites", N_("after the connector was corrected")),
        ("flow take-again visites --since 2026-03-01", N_("what came since that day")),
        ("flow take-again visites --file entrees/archives/lundi.csv", N_("one file")),
    ),
)
@name_flow
@translated_click.option(
    "--parcel",
    "digests",
    multiple=True,
    metavar=N_("DIGEST"),
    help=N_("A parcel, by the beginning of its digest; several may be given."),
)
@translated_click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar=N_("YYYY-MM-DD"),
    help=N_("What was received on this day or later."),
)
@translated_click.option(
    "--file",
    "files",
    multiple=True,
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("A file, whether or not it was received before; several may be given, oldest first."),
)
@answer_format
@pass_invocation
def take_again(
    invocation: Invocation,
    *,
    name: str,
    digests: tuple[str, ...],
    since: datetime | None,
    files: tuple[Path, ...],
) -> Exit:
    """Take parcels again."""
    from passerelle.engine.runs import taking_again  # noqa: PLC0415  kept out of start-up

    if files and (digests or since):
        raise UsageError("usage.again.both")
    flow = invocation.read_settings().get_flow(name).name
    moment = since.astimezone() if since else None  # a day begins at midnight of this machine
    choice = taking_again.ParcelChoice(digests, moment, files)
    with invocation.open_workspace() as workspace:
        taken = taking_again.take_again(workspace, flow, choice, who=name_operator())
    invocation.answer("flow.take-again", _to_content(taken), lambda: "\n".join(_format_taken(taken)))
    return Exit.SETTLED


@translated_click.command(
    "deliver-all",
    help=N_(
        "Deliver everything that is still kept anew, each record in its latest state, whether or not the destination "
        "has it: after the destination lost what it had. Says how many records could not be."
    ),
    examples=(("flow deliver-all visites", N_("the destination begins again from nothing")),),
)
@name_flow
@answer_format
@pass_invocation
def deliver_all(invocation: Invocation, *, name: str) -> Exit:
    """Deliver a flow anew."""
    from passerelle.engine.runs import taking_again  # noqa: PLC0415  kept out of start-up

    flow = invocation.read_settings().get_flow(name).name
    with invocation.open_workspace() as workspace:
        done = taking_again.deliver_all(workspace, flow, who=name_operator(), watch=watch_flows())
    code = Exit(done.report.state)
    outcomes = [flow_outcome.to_content(outcome) for outcome in done.report.outcomes]
    content = {**_to_content(done.registered), "flows": outcomes, "left": done.left, "exit": code.value}
    lines = [*_format_taken(done.registered)[:-1], *map(flow_outcome.format_text, done.report.outcomes)]
    if done.left:
        words = translate_plural(
            "{count} known record was not delivered again: nothing that is kept holds it, or it was set aside.",
            "{count} known records were not delivered again: nothing that is kept holds them, or they were set aside.",
            done.left,
        )
        lines.append(words.format(count=format_count(done.left)))
    invocation.answer("flow.deliver-all", content, lambda: "\n".join(lines))
    return Exit.ASIDE if code is Exit.SETTLED and done.left else code


def _to_content(taken: TakenAgain) -> dict[str, Any]:
    return {
        "flow": taken.flow,
        "taken": taken.taken,
        "gone": taken.gone,
        "unfinished": taken.unfinished,
        "newer": taken.newer,
    }


def _format_taken(taken: TakenAgain) -> list[str]:
    """Write how many parcels are taken again, and which are not; the last line says what happens next."""
    count = len(taken.taken)
    words = translate_plural("{count} parcel is taken again.", "{count} parcels are taken again.", count)
    lines = [words.format(count=format_count(count))]
    if taken.gone:
        gone = ", ".join(map(shorten_key, taken.gone))
        lines.append(
            _("No longer kept: {parcels}. Ask the supplier for them, and give the files.").format(parcels=gone)
        )
    if taken.unfinished:
        waiting = ", ".join(map(shorten_key, taken.unfinished))
        lines.append(_("Not finished, and taken anyway: {parcels}.").format(parcels=waiting))
    if taken.newer:
        words = translate_plural(
            "{count} parcel came since and is not taken again: what it says of the same records goes back to what they "
            "were before it, unless records say which of their states is the newer. To keep its state, use --since.",
            "{count} parcels came since and are not taken again: what they say of the same records goes back to what "
            "they were before them, unless records say which of their states is the newer. To keep their state, use "
            "--since.",
            len(taken.newer),
        )
        lines.append(words.format(count=format_count(len(taken.newer))))
    return [*lines, _("The next run of {flow} delivers what differs.").format(flow=taken.flow)]
