"""`passerelle person export`: the answer to a request for access, as a page to hand over or as data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from passerelle.documents.plain_page import write_plain_page
from passerelle.engine.persons.person_access import answer_access
from passerelle.engine.workspace.subject_references import find_systems, read_references
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.consent import answer_texts
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import (
    Invocation,
    format_document,
    name_operator,
    pass_invocation,
    why_kept,
    write_answer,
)
from passerelle.faces.cli.person.erase import STANDARD_INPUT
from passerelle.faces.cli.showing import show
from passerelle.faces.report import person_access, person_access_content
from passerelle.faces.report.person_records import count_narratives
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count, show_name
from passerelle.vocabulary.language import N_, _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.documents.plain_page import PlainPage
    from passerelle.engine.persons.person_access import PersonAccess


@translated_click.command(
    "export",
    help=N_(
        "Answer a request for access (GDPR article 15): all that is held of one person, in plain words, to whom it "
        "goes, why and for how long, what they answered, and their rights. Others' data and professionals' names stay "
        "out. Needs --why, which is recorded."
    ),
    examples=(
        ('person export compani:person:66f0b1d2 --why "…" --out reponse.html', N_("a page to print and hand over")),
        ('person export - --why "…" --format json < reference.txt', N_("data for other software (article 20)")),
    ),
)
@translated_click.argument(
    "reference",
    metavar=N_("REFERENCE|-"),
    help=N_("The reference of one person or professional: system:person:number; - reads it from standard input."),
)
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(["html", "json"]),
    default="html",
    show_default=True,
    help=N_("A page that stands alone, or JSON for programs."),
)
@translated_click.option(
    "--out",
    "--output",
    "output",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write the answer there, for its owner alone, instead of showing it."),
)
@why_kept
@pass_invocation
def command(invocation: Invocation, *, reference: str, form: str, output: Path | None, why: str) -> Exit:
    """Answer a request for access."""
    invocation.form = "json" if form == "json" else "text"
    # A command line is in the history of the shell and in the list of processes: a pipe is in neither.
    words = sys.stdin.read().splitlines() if reference == STANDARD_INPUT else [reference]
    with invocation.open_workspace() as workspace:
        typed = read_references(words, find_systems(workspace.settings, workspace.plugins).entities)
        if len(typed) > 1:
            # two persons in one answer: each would read of the other
            raise UsageError("usage.person.several", count=str(len(typed)))
        access = answer_access(workspace, typed[0].ref, why=why, who=name_operator())
    page = person_access.write_access(access)
    if form == "json":
        # without how and by whom they were collected: professionals are named there
        statements = answer_texts.describe_history(access.ref, access.statements, reveal=False)
        write_answer(
            output, format_document("person.export", person_access_content.to_content(access, statements["statements"]))
        )
    else:
        write_answer(output, write_plain_page(page))
    for line in _iter_advice(access, page, output):
        show(line, err=True)
    return Exit.SETTLED if access.is_known else Exit.ASIDE


def _iter_advice(access: PersonAccess, page: PlainPage, output: Path | None) -> Iterator[str]:
    """Yield what whoever hands the answer over has to do before; no value of the person."""
    if output is not None:
        yield _("Written: {files}.").format(files=show_name(output.name))
    if not access.is_known:
        yield _("Nobody is known here by this reference: the answer says so. Check it with «passerelle person find».")
    if count := count_narratives(access.own_records):
        words = translate_plural(
            "Read {count} free text before you hand it over: others may be named in it.",
            "Read {count} free texts before you hand them over: others may be named in them.",
            count,
        )
        yield words.format(count=format_count(count))
    if blanks := page.count_blanks():
        words = translate_plural(
            "{count} place is to be completed: state it in the settings, under [controller] and processing.",
            "{count} places are to be completed: state them in the settings, under [controller] and processing.",
            blanks,
        )
        yield words.format(count=format_count(blanks))
