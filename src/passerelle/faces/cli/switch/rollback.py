"""`passerelle switch rollback`: take a move back, as far as the new software lets us."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, operator, pass_invocation
from passerelle.faces.cli.progress import measuring
from passerelle.switching.rollback.undoing import Undone, rollback
from passerelle.switching.run.moving import prepared
from passerelle.switching.settings import FILE, load
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from pathlib import Path


@translated.command(
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
@translated.argument("name", metavar=N_("NAME"), help=N_("A [switch.NAME] of switch.toml."))
@translated.option("--dry-run", is_flag=True, help=N_("Say what would be done, and do nothing."))
@translated.option(
    "--list",
    "listed",
    type=translated.File(),
    metavar=N_("FILE"),
    help=N_("Write there what people have to remove: ids of the new software, names of files."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, name: str, dry_run: bool, listed: Path | None) -> Exit:  # noqa: FBT001  click
    """Roll one move back."""
    if listed is not None and listed.exists():
        raise UsageError("usage.file.exists", file=listed.name)
    invocation.settings()
    document = load(invocation.path.parent / FILE)
    with invocation.house() as house, measuring(name) as progress:
        move = prepared(house, document, name)
        undone = rollback(house, move, who=operator(), dry_run=dry_run, progress=progress)
    if listed is not None:
        _write_list(listed, undone)
    left = sum(len(one.left) for one in undone)
    content = {"dry_run": dry_run, "contracts": [_to_content(one) for one in undone]}
    invocation.answer("switch.rollback", content, lambda: _format_text(undone, listed, dry_run=dry_run))
    return Exit.ASIDE if left else Exit.SETTLED


def _to_content(one: Undone) -> dict[str, Any]:
    kinds = [left.kind for left in one.left]
    return {
        "contract": one.contract,
        "created": one.created,
        "removed": one.removed,
        "left": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
    }


def _write_list(path: Path, undone: list[Undone]) -> None:
    """Write what is left, for its owner alone: ids of records are as good as their numbers on paper."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow((_("contract"), _("kind"), _("what")))
        writer.writerows((left.contract, left.kind, left.what) for one in undone for left in one.left)


def _format_text(undone: list[Undone], listed: Path | None, *, dry_run: bool) -> str:
    rows = [
        (one.contract, format_count(one.created), format_count(one.removed), format_count(len(one.left)))
        for one in undone
    ]
    removed = _("would be removed") if dry_run else _("removed")
    lines = [write_table((_("contract"), _("created"), removed, _("left to people")), rows)]
    if listed is None and any(one.left for one in undone):
        lines.append("→ " + _("What is left is written down with --list FILE."))
    return "\n".join(lines)
