"""`passerelle fleet carry`: carries received files to where the settings have them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.backup.deposit_moving import move_deposits
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.faces.cli.translated_click import File, option
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.engine.backup.deposit_moving import MovedDeposits


@translated_click.command(
    "carry",
    help=N_(
        "Carry received files and lists, sealed as they are, from where earlier settings have them to where the "
        "settings have them now: from a folder into an object store, back, or elsewhere. Each is opened there before "
        "any is removed from its old place. No flow runs meanwhile; the same command ends what was killed."
    ),
    examples=(("fleet carry --before passerelle-avant.toml", N_("from where the earlier settings had them")),),
)
@option(
    "--before",
    type=File(),
    required=True,
    metavar=N_("FILE"),
    help=N_("The settings as they were, with the old place."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, before: Path) -> Exit:
    """Carry received files over."""
    moved = move_deposits(load_settings(before), invocation.read_settings(), who=name_operator())
    content = {"files": moved.files, "broken": moved.broken}
    invocation.answer("fleet.carry", content, lambda: "\n".join(_iter_lines(moved)))
    return Exit.ASIDE if moved.broken else Exit.SETTLED


def _iter_lines(moved: MovedDeposits) -> Iterator[str]:
    yield _("Received files and lists carried over: {count}.").format(count=format_count(moved.files))
    if moved.broken:
        yield _("Of these do not open, neither here nor there: {count}.").format(count=format_count(moved.broken))
