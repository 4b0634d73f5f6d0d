"""`passerelle restore`: put a backup back where no state is, or rehearse that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.engine.backup.restoring import GivenKeys, rehearse_restore, restore_backup
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.vocabulary.formatting import format_count, format_labelled, format_moment
from passerelle.vocabulary.labels import format_balance
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.engine.backup.restoring import RestoreReport

_LOST = {
    "run": N_("runs"),
    "parcel": N_("received files"),
    "batch": N_("batches delivered or set aside"),
    "statement": N_("answers of persons (refusals too: record them again)"),
    "audit": N_("entries of the audit trail (erasures too: do them again)"),
}


@translated_click.command(
    "restore",
    help=N_(
        "Put a backup back. A state that is there is never replaced, and the keyring and key that are there are used; "
        "on a new machine, name copies of them. With --check, rehearse it in a folder that is thrown away."
    ),
    examples=(
        ("restore --check sauvegarde.tar", N_("whether it opens, what is in it, what would be lost")),
        ("restore sauvegarde.tar", N_("when the state is gone, or was put aside")),
        ("restore sauvegarde.tar --key cle --keyring trousseau.sqlite3", N_("on a machine that has neither")),
    ),
)
@translated_click.argument("file", type=translated_click.File(), metavar=N_("FILE"), help=N_("The backup."))
@translated_click.option("--check", "is_rehearsal", is_flag=True, help=N_("Only rehearse; nothing is changed."))
@translated_click.option(
    "--key", type=translated_click.File(), metavar=N_("FILE"), help=N_("A copy of the master key, where there is none.")
)
@translated_click.option(
    "--keyring",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("The latest copy of the keyring, where there is none."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, file: Path, key: Path | None, keyring: Path | None, *, is_rehearsal: bool) -> Exit:
    """Restore a backup, or rehearse that, and answer with what opens of it."""
    if invocation.path.exists():
        invocation.read_settings()  # for their language
    given = GivenKeys(key, keyring)
    path = invocation.path.absolute()
    if is_rehearsal:
        report = rehearse_restore(path, file, given)
    else:
        report = restore_backup(path, file, given, who=name_operator())
    code = Exit.SETTLED if report.examination.is_whole else Exit.ASIDE
    invocation.answer("restore", {**_describe(report), "exit": code.value}, lambda: "\n".join(_iter_lines(report)))
    return code


def _describe(report: RestoreReport) -> dict[str, Any]:
    manifest, found = report.manifest, report.examination
    return {
        "made_at": manifest.made_at.isoformat(),
        "program": manifest.program,
        "files": len(manifest.digests),
        "books": manifest.books,
        "opened": found.deposits,
        "closed": found.closed,
        "broken": found.broken,
        "missing": found.missing,
        "audit_entries": found.entries,
        "lost": dict(report.losses),
        "made": list(report.made),
        "unknown": report.unknown,
    }


def _iter_lines(report: RestoreReport) -> Iterator[str]:
    manifest, found = report.manifest, report.examination
    words = _("Backup of {moment}, written by version {program}: every digest holds, the journal and its trail too.")
    yield words.format(moment=format_moment(manifest.made_at), program=manifest.program)
    for flow, books in manifest.books.items():
        fates = {fate: books[fate.value] for fate in Fate if books.get(fate.value)}
        yield "  " + format_labelled(flow, format_balance(Balance(books["received"], fates)))
    yield _("Received files that open: {opened}. Closed for good, as they were erased: {closed}.").format(
        opened=format_count(found.deposits), closed=format_count(found.closed)
    )
    if not found.is_whole:
        says = _("Damaged: {broken}. Not there though a file waits for it: {missing}. Drop these files again.")
        yield says.format(broken=format_count(found.broken), missing=format_count(found.missing))
    if lost := {name: count for name, count in report.losses.items() if count}:
        yield _("Written since, and lost with this backup:")
        for name, count in lost.items():
            yield "  " + format_labelled(_(_LOST[name]), format_count(count))
    elif report.losses:
        yield _("Nothing was written since: nothing would be lost.")
    if report.unknown:
        words = translate_plural(
            "{count} received file lies there that this journal does not know: it came since. Have it sent again.",
            "{count} received files lie there that this journal does not know: they came since. Have them sent again.",
            report.unknown,
        )
        yield words.format(count=format_count(report.unknown))
    if report.made:
        yield _("In place: {names}.").format(names=", ".join(report.made))
        yield _("What came since {moment} is not known here: drop it again.").format(
            moment=format_moment(manifest.made_at)
        )
        yield _("Then: passerelle doctor, and passerelle run.")
