"""`passerelle switch rollback`: take a move back, as far as the new software lets us."""

from __future__ import annotations

import csv
import os
from collections import Counter
from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.faces.cli.progress import measure_progress
from passerelle.faces.report import move_report
from passerelle.switching.rollback.undoing import ContractRollback, roll_back
from passerelle.switching.run.moving import prepare_move
from passerelle.switching.switch_settings import FILE, load_switch_file
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from pathlib import Path


@translated_click.command(
    "rollback",
    help=N_(
        "Remove from the new software what the move created there, as the journal knows it, in the reverse order. What "
        "its API does not let us remove, and files, are listed for a person to remove. Afterwards a move begins "
        "afresh. A rollback that was cut off is finished by the same command."
    ),
    examples=(
        ("switch rollback bascule --dry-run", N_("only count")),
        ("switch rollback bascule --list a-retirer.csv", N_("remove, and list what is left")),
    ),
)
@translated_click.argument("name", metavar=N_("NAME"), help=N_("A [switch.NAME] of switch.toml."))
@translated_click.option("--dry-run", is_flag=True, help=N_("Say what would be done, and do nothing."))
@translated_click.option(
    "--list",
    "listed",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write there what people have to remove: ids of the new software, names of files."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, name: str, dry_run: bool, listed: Path | None) -> Exit:  # noqa: FBT001  click
    """Roll one move back."""
    # before anything is removed: a rollback must not end without the list of what is left to people
    if listed is not None and listed.exists():
        raise UsageError("usage.file.exists", file=listed.name)
    invocation.read_settings()
    switches = load_switch_file(invocation.path.parent / FILE)
    with invocation.open_workspace() as workspace, measure_progress(name) as progress:
        move = prepare_move(workspace, switches, name)
        undone = roll_back(workspace, move, who=name_operator(), dry_run=dry_run, progress=progress)
    if listed is not None:
        _write_list(listed, undone)
    contents = [
        {
            "contract": contract.contract,
            "created": contract.created,
            "removed": contract.removed,
            "left": dict(Counter(item.kind for item in contract.remaining)),
        }
        for contract in undone
    ]
    invocation.answer(
        "switch.rollback",
        {"dry_run": dry_run, "contracts": contents},
        lambda: move_report.format_rollback(undone, dry_run=dry_run, is_listed=listed is not None),
    )
    return Exit.ASIDE if any(contract.remaining for contract in undone) else Exit.SETTLED


def _write_list(path: Path, undone: list[ContractRollback]) -> None:
    """Write what people have to remove, into a new file that its owner alone can read."""
    # ids of records are personal data: the file is never readable to others, not even while it is written
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow((_("contract"), _("kind"), _("what")))
        writer.writerows((item.contract, item.kind, item.what) for contract in undone for item in contract.remaining)
