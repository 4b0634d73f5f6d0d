"""`passerelle switch run`: move what is new or changed to the new software."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.faces import json_forms
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.progress import watching
from passerelle.faces.cli.switch.sides import read_change
from passerelle.switching.run.moving import LOSS, Moved, prepared, run
from passerelle.switching.settings import FILE, load
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_labelled, format_moment
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from passerelle.switching.run.moving import MoveStatus

_SOMEBODY = frozenset({LOSS, "deliver.parcel.parked"})
"""Where somebody has to look; everything else waits for the other side, or for its doors to be opened."""


@translated.command(
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
@translated.argument("name", metavar=N_("NAME"), help=N_("A [switch.NAME] of switch.toml."))
@translated.option(
    "--decisions",
    "decided",
    type=translated.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The worksheet of decisions, filled in."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, name: str, decided: Path | None) -> Exit:
    """Run one move."""
    invocation.settings()
    asked = read_change(invocation, name, None, None, decided)
    document = load(invocation.path.parent / FILE)
    with invocation.house() as house, watching() as progress:
        moved = run(house, prepared(house, document, name), asked.decisions, progress)
    code = _exit_of(moved)
    invocation.answer("switch.run", _to_content(moved, code), lambda: _format_text(moved))
    return code


def _exit_of(moved: Moved) -> Exit:
    if any(outcome.suspended for outcome in moved.outcomes):
        return Exit.SUSPENDED
    if moved.stopped:
        return Exit.ASIDE if moved.stopped in _SOMEBODY else Exit.WAITING
    return Exit.ASIDE if moved.waiting else Exit.SETTLED


def _to_content(moved: Moved, code: Exit) -> dict[str, Any]:
    until = _find_wait_end(moved)
    return {
        "contracts": [_status(status) for status in moved.statuses],
        "stopped": {"at": moved.at, **json_forms.cause(moved.stopped, {})} if moved.stopped else None,
        "undelivered": list(moved.undelivered),
        "unread": moved.unread,
        "waiting_until": until.isoformat() if until else None,
        "exit": code.value,
    }


def _status(status: MoveStatus) -> dict[str, Any]:
    return {
        "contract": status.contract,
        "balance": json_forms.balance(status.balance),
        "waiting": status.waiting,
        "lost": status.lost,
    }


def _format_text(moved: Moved) -> str:
    lines = []
    for status in moved.statuses:
        lines.append(status.contract)
        lines.append(f"  {labels.sum_of(status.balance)}")
        if status.waiting:
            lines.append("  " + _("waiting for records they refer to: {count}").format(count=status.waiting))
        if status.lost:
            lines.append("  " + _("set aside and not corrected so far: {count}").format(count=status.lost))
    if moved.unread:
        words = _("files of the old software that could not be read: {count}")
        lines.append(words.format(count=format_count(moved.unread)))
    if moved.undelivered:
        words = _("No door of the new software takes: {contracts}")
        lines.append(words.format(contracts=", ".join(moved.undelivered)))
    if moved.stopped:
        says, advice = explain(moved.stopped, {})
        lines += [format_labelled(_("Stopped at {contract}").format(contract=moved.at), says), f"  → {advice}"]
    if until := _find_wait_end(moved):
        lines.append("  → " + _("Try again from {until} on.").format(until=format_moment(until)))
    return "\n".join(lines)


def _find_wait_end(moved: Moved) -> datetime | None:
    """Return until when the other side is left alone; None when nothing waits."""
    return max((outcome.waiting_until for outcome in moved.outcomes if outcome.waiting_until), default=None)
