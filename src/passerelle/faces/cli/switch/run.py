"""`passerelle switch run`: move what is new or changed to the new software."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.progress import watch_flows
from passerelle.faces.cli.switch.sides import read_change
from passerelle.faces.report import move_report
from passerelle.switching.left_behind import list_left_behind, weigh_exports
from passerelle.switching.run.moving import COLUMN_LOSS, LOSS, prepare_move, run_move
from passerelle.switching.switch_settings import FILE, load_switch_file
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from pathlib import Path

_NEEDS_SOMEBODY = frozenset({LOSS, COLUMN_LOSS, "deliver.parcel.parked"})
"""Reasons to stop after which somebody has to look; all others wait for the other side."""


@translated_click.command(
    "run",
    help=N_(
        "Move what the old software's exports hold to the new one: first everything, then, at each later run, what is "
        "new or changed. Contracts go in the order of their references, under the ids that the new software gives. "
        "Running twice changes nothing; a run that was cut off is finished by the next one. It stops where more is "
        "lost than the worksheet of decisions accepts."
    ),
    examples=(
        ("switch run bascule", N_("move what is new or changed")),
        ("switch run bascule --decisions decisions.xlsx", N_("with other decisions than switch.toml names")),
    ),
)
@translated_click.argument("name", metavar=N_("NAME"), help=N_("A [switch.NAME] of switch.toml."))
@translated_click.option(
    "--decisions",
    "decided",
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The worksheet of decisions, filled in."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, name: str, decided: Path | None) -> Exit:
    """Run one move."""
    invocation.read_settings()
    change = read_change(invocation, name, None, None, decided)
    switches = load_switch_file(invocation.path.parent / FILE)
    with invocation.open_workspace() as workspace, watch_flows() as progress:
        left = list_left_behind(weigh_exports(change.origin), change.target, change.decisions)
        moved = run_move(workspace, prepare_move(workspace, switches, name), change.decisions, progress, left=left)
    if any(outcome.failure or outcome.faults for outcome in moved.outcomes):
        code = Exit.STOPPED
    elif any(outcome.suspended for outcome in moved.outcomes):
        code = Exit.SUSPENDED
    elif moved.stopped and moved.stopped not in _NEEDS_SOMEBODY:
        code = Exit.WAITING
    else:
        code = Exit.ASIDE if moved.stopped or moved.waiting else Exit.SETTLED
    content = {**move_report.to_content(moved), "exit": code.value}
    invocation.answer("switch.run", content, lambda: move_report.format_text(moved))
    return code
