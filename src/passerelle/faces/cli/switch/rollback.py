"""`passerelle switch rollback`: take a move back, as far as the new software lets us."""

from __future__ import annotations

import csv
from collections import Counter
from io import TextIOWrapper
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.audit.revealing import audit_act, require_why
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.faces.cli.progress import measure_progress
from passerelle.faces.report import move_report
from passerelle.switching.change_acts import keep_rollback
from passerelle.switching.rollback.undoing import ContractRollback, roll_back
from passerelle.switching.run.moving import prepare_move
from passerelle.switching.switch_settings import FILE, load_switch_file
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.safe_files import open_new

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
        ('switch rollback bascule --list a-retirer.csv --why "…"', N_("remove, and list what is left")),
    ),
)
@translated_click.argument("name", metavar=N_("NAME"), help=N_("A [switch.NAME] of switch.toml."))
@translated_click.option("--dry-run", is_flag=True, help=N_("Say what would be done, and do nothing."))
@translated_click.option(
    "--list",
    "listed",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write there what people have to remove: ids of the new software, names of files. Needs --why."),
)
@why_kept
@answer_format
@pass_invocation
def command(invocation: Invocation, *, name: str, dry_run: bool, listed: Path | None, why: str) -> Exit:
    """Roll one move back."""
    # before anything is removed: a rollback must not end without the list of what is left to people
    if listed is not None:
        require_why(why)
        if listed.exists():
            raise UsageError("usage.file.exists", file=listed.name)
    invocation.read_settings()
    switches = load_switch_file(invocation.path.parent / FILE)
    with invocation.open_workspace() as workspace, measure_progress(name) as progress:
        move = prepare_move(workspace, switches, name)
        if listed is not None:  # ids name records, and through them persons
            purpose = Purpose.PORTABILITY
            audit_act(workspace, "switch.rollback.reveal", name, why=why, who=name_operator(), purpose=purpose)
        undone = roll_back(workspace, move, who=name_operator(), dry_run=dry_run, progress=progress)
        keep_rollback(workspace, name, undone, who=name_operator(), dry_run=dry_run)
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
    from passerelle.vocabulary.spreadsheet_cells import quote_formula  # noqa: PLC0415  kept out of start-up

    # ids of records are personal data: the file is never readable to others, not even while it is written
    try:
        raw = open_new(path)
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
    with TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow((_("contract"), _("kind"), _("what")))
        writer.writerows(
            map(quote_formula, (item.contract, item.kind, item.what))
            for contract in undone
            for item in contract.remaining
        )
