"""`passerelle backup`: one file with all that a restore needs but the keys, while runs go on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.engine.backup.backup_writing import write_backup
from passerelle.engine.clock import SystemClock
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.formatting import format_count, quote_names, set_quotes
from passerelle.vocabulary.language import N_, _, translate_plural

if TYPE_CHECKING:
    from passerelle.engine.backup.backup_writing import WrittenBackup


@translated_click.command(
    "backup",
    help=N_(
        "Write journal, received files, quarantine and settings, as they are at one moment, into one file. Runs may go "
        "on meanwhile. The keys are not in it; --keyring writes a copy of the keyring elsewhere, over the one before."
    ),
    examples=(
        ("backup /mnt/sauvegardes", N_("into a folder, under the name of its moment")),
        (
            "backup /mnt/sauvegardes --keyring /mnt/cles/trousseau.sqlite3",
            N_("with the keyring, of which only the latest copy is kept"),
        ),
    ),
)
@translated_click.argument(
    "target", type=click.Path(path_type=Path), metavar=N_("FOLDER|FILE"), help=N_("Where the backup is written.")
)
@translated_click.option(
    "--keyring",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write a copy of the keyring there, in place of the one before; in another folder than the backup."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, target: Path, keyring: Path | None) -> Exit:
    """Write a backup, and answer with what is in it and what is not."""
    done = write_backup(invocation.read_settings(), target.absolute(), clock=SystemClock(), keyring=keyring)
    content = {
        "file": str(done.file),
        "size": done.size,
        "files": len(done.manifest.digests),
        "made_at": done.manifest.made_at.isoformat(),
        "keyring": str(done.keyring) if done.keyring else None,
        "outside": [path.name for path in done.outside],
    }
    invocation.answer("backup", content, lambda: _format_text(done))
    return Exit.SETTLED


def _format_text(done: WrittenBackup) -> str:
    words = translate_plural(
        "Written: {file}, {count} file, {size} bytes.",
        "Written: {file}, {count} files, {size} bytes.",
        len(done.manifest.digests),
    )
    lines = [
        words.format(file=done.file, count=format_count(len(done.manifest.digests)), size=format_count(done.size)),
        _("The master key is not in it: keep a copy of it elsewhere."),
    ]
    if done.keyring is None:
        lines.append(_("The keyring is not in it: save it elsewhere, the latest copy alone (--keyring)."))
    else:
        lines.append(_("Keyring: {file}, in place of the copy before.").format(file=done.keyring))
    if done.outside:
        says = _("Not in it, for they lie elsewhere than below the settings: {names}. Save them too.")
        lines.append(says.format(names=set_quotes(quote_names(path.name for path in done.outside))))
    lines.append(_("Try it: passerelle restore --check {file}").format(file=done.file))
    return "\n".join(lines)
