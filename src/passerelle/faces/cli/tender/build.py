"""`passerelle tender build`: write document, grid and bidder's kit from a `tender.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.progress import count_steps
from passerelle.faces.cli.tender.options import FOLDER, check_day
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import N_, _, translate_plural

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.tender.building.writing import BuildResult


@translated_click.command(
    "build",
    help=N_(
        "Freeze the tender.toml of a folder and write the annex beside it: document, answer grid, requirements, "
        "bidder's kit, what changed since the last time. The same decisions always give the same bytes."
    ),
    examples=(
        ("tender build consultation", N_("in French")),
        ("tender build consultation --lang en --date 2027-01-15", N_("in English, frozen on another day")),
        ("tender build consultation --with-program dist/wheelhouse", N_("with the tool in the bidder's kit")),
    ),
)
@translated_click.argument("folder", type=FOLDER, metavar=N_("FOLDER"), help=N_("The folder that holds tender.toml."))
@translated_click.option(
    "--lang",
    "language",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help=N_("The language of the documents."),
)
@translated_click.option(
    "--date", callback=check_day, metavar=N_("DAY"), help=N_("The day on which it is frozen, in place of the file's.")
)
@translated_click.option(
    "--with-program",
    "program",
    type=FOLDER,
    metavar=N_("FOLDER"),
    help=N_("A folder of wheels (make package): the kit then holds the tool, to be installed without a network."),
)
@answer_format
@pass_invocation
def build(invocation: Invocation, folder: Path, *, language: str, date: str | None, program: Path | None) -> Exit:
    """Write everything."""
    from passerelle.tender.building import writing  # noqa: PLC0415  kept out of start-up

    # click has checked the word against the same two
    tongue = cast('Literal["fr", "en"]', language)
    with count_steps(_("Writing"), len(writing.list_file_names(tongue))) as step:
        made = writing.build(folder, language=tongue, date=date or "", program=program, progress=step)
    invocation.answer("tender.build", _to_content(made), lambda: _format_report(made, folder))
    return Exit.SETTLED


def _to_content(made: BuildResult) -> dict[str, Any]:
    tender = made.consultation
    return {
        "id": tender.id,
        "date": tender.date,
        "rules_digest": tender.rules_digest,
        "contracts": [{"id": one.id, "version": one.version, "digest": one.digest} for one in tender.contracts],
        "requirements": {level: sum(one.level == level for one in tender.requirements) for level in ("P", "I", "S")},
        "measured": sum(one.is_measured for one in tender.requirements),
        "changes": {
            "added": [one.id for one in made.changes.added],
            "retired": [one.id for one in made.changes.retired],
            "changed": [one.id for _before, one in made.changes.changed],
            "reworded": [one.id for one in made.changes.reworded],
        },
        "files": list(made.files),
        "to_complete": made.gaps,
        "members": list(made.members),
    }


def _format_report(made: BuildResult, folder: Path) -> str:
    tender = made.consultation
    count, measured = len(tender.requirements), sum(one.is_measured for one in tender.requirements)
    lines = [
        translate_plural(
            "{count} requirement, {measured} measured on a sample.",
            "{count} requirements, {measured} measured on a sample.",
            count,
        ).format(count=format_count(count), measured=format_count(measured)),
        format_labelled(_("Written in {folder}").format(folder=folder), ", ".join(made.files)),
    ]
    if made.members:
        lines.append(format_labelled(_("Members, each with its own grid"), ", ".join(made.members)))
    if made.gaps:
        words = translate_plural(
            "{count} place of the document is still to be completed.",
            "{count} places of the document are still to be completed.",
            made.gaps,
        )
        lines.append(words.format(count=format_count(made.gaps)))
    if made.changes:
        lines.append(_("Since the last time, requirements changed: see {file}.").format(file="CHANGEMENTS.md"))
    return "\n".join(lines)
