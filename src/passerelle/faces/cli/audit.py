"""`passerelle audit`: who revealed, destroyed or decided what, and why; whether anything of that is missing."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.engine.audit import audit_trail
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.consent.particulars import read_day
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.stores.trail import find_heads
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import N_, _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from passerelle.stores.trail import AuditEntry


@translated_click.group(
    "audit",
    help=N_(
        "The audit trail: who revealed, destroyed or decided what, when, for which purpose and why. Each entry is "
        "sealed and chained to the one before; heads that are kept elsewhere show that its end was cut off."
    ),
    examples=(
        ("audit list --since 2026-11-01", N_("what was done this month")),
        ("audit verify --anchor tetes.txt", N_("whether anything was changed or cut off")),
    ),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "list",
    help=N_(
        "List the entries, oldest first: when, what, for which purpose, who and why. Whom or what they are about is "
        "shown only with --reveal and --why, which is an entry itself."
    ),
    examples=(
        ("audit list", N_("everything")),
        ("audit list --action consent --since 2026-11-01", N_("answers of persons since a day")),
        ('audit list --reveal --why "…"', N_("with whom they are about")),
    ),
)
@translated_click.option("--since", metavar=N_("DAY"), callback=read_day, help=N_("Only from this day on."))
@translated_click.option(
    "--action", default="", metavar=N_("WORD"), help=N_("Only this act, or all that begin with this word.")
)
@translated_click.option("--reveal", is_flag=True, help=N_("Show whom or what entries are about, with --why."))
@why_kept
@answer_format
@pass_invocation
def list_acts(invocation: Invocation, *, since: datetime | None, action: str, reveal: bool, why: str) -> Exit:
    """List entries."""
    moment = since.replace(tzinfo=UTC) if since else None
    with invocation.open_workspace() as workspace:
        if reveal:
            entries = audit_trail.reveal_entries(workspace, why=why, who=name_operator(), since=moment, action=action)
        else:
            entries = audit_trail.list_entries(workspace, since=moment, action=action)
    contents = [_describe_entry(entry, reveal=reveal) for entry in entries]
    invocation.answer("audit.list", {"entries": contents}, lambda: _format_entries(entries, reveal=reveal))
    return Exit.SETTLED


@command.command(
    "verify",
    help=N_(
        "Verify the trail: that no entry was changed or taken out, and that it still holds every head in the file of "
        "the settings (audit_anchor) and in those that are given. Ends with 3 and the first entry that does not hold."
    ),
    examples=(
        ("audit verify", N_("by itself, and against the file of the settings")),
        ("audit verify --anchor tetes.txt", N_("against heads kept elsewhere")),
    ),
)
@translated_click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar=N_("FILE|HEAD"),
    help=N_("A file with heads in it, or a head as «passerelle run» shows it; may be repeated."),
)
@answer_format
@pass_invocation
def verify(invocation: Invocation, anchors: Sequence[str]) -> Exit:
    """Verify the trail."""
    with invocation.open_workspace() as workspace:
        count = audit_trail.verify_trail(workspace, anchors)
        kept = audit_trail.read_kept_heads(workspace.settings)
    heads = find_heads("\n".join([*map(audit_trail.read_anchor, anchors), kept]))
    words = translate_plural(
        "The audit trail is whole: {count} entry.", "The audit trail is whole: {count} entries.", count
    )
    against = translate_plural("Compared with {count} head.", "Compared with {count} heads.", len(heads))
    alone = _("Compared with no head: that its end was cut off would not show. «passerelle audit anchor» writes one.")
    lines = [words.format(count=format_count(count)), against.format(count=len(heads)) if heads else alone]
    content = {"entries": count, "heads": len(heads)}
    invocation.answer("audit.verify", content, lambda: "\n".join(lines))
    return Exit.SETTLED


@command.command(
    "anchor",
    help=N_("Show the head of the trail, and append it to a file: keep it elsewhere, best on another machine."),
    examples=(
        ("audit anchor", N_("to copy by hand")),
        ("audit anchor --output tetes.txt", N_("one more line of a file")),
    ),
)
@translated_click.option(
    "--output", type=translated_click.File(), metavar=N_("FILE"), help=N_("Append the head to this file.")
)
@answer_format
@pass_invocation
def show_head(invocation: Invocation, output: Path | None) -> Exit:
    """Anchor the trail."""
    with invocation.open_workspace() as workspace:
        head = audit_trail.keep_head(workspace, output)
    invocation.answer("audit.anchor", {"head": head, "file": output.name if output else ""}, lambda: head)
    return Exit.SETTLED


def _describe_entry(entry: AuditEntry, *, reveal: bool) -> dict[str, Any]:
    return {
        "entry": entry.entry,
        "at": entry.at.isoformat(),
        "action": entry.action,
        "purpose": entry.purpose,
        "who": entry.who,
        "why": entry.why,
        **({"subject": entry.subject} if reveal else {}),
    }


def _format_entries(entries: Sequence[AuditEntry], *, reveal: bool) -> str:
    if not entries:
        return _("No entry.")
    headers = [_("no."), _("when"), _("act"), _("purpose"), _("who"), _("why"), *([_("about")] if reveal else [])]
    rows = [
        [
            str(entry.entry),
            format_moment(entry.at),
            entry.action,
            _("every purpose") if entry.purpose == ALL_PURPOSES_ANSWER else entry.purpose,
            entry.who,
            entry.why,
            *([entry.subject] if reveal else []),
        ]
        for entry in entries
    ]
    return write_table(headers, rows)
