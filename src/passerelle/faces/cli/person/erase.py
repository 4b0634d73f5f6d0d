"""`passerelle person erase`: erases all that is held of persons, at recipients and in older copies too."""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

from passerelle.engine.persons.person_erasing import ErasedPersons, erase_persons
from passerelle.engine.workspace.subject_references import find_systems, read_references
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.parcels import shorten_key

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD_INPUT = "-"


@translated_click.command(
    "erase",
    help=N_(
        "Erase all that is held of persons: at recipients that can delete, in quarantine, among received files and "
        "known records, in the audit trail, and in older copies of the state. Stopped half-way, the same command "
        "finishes it. Refusals stay; without one, what the source still sends is delivered again."
    ),
    examples=(("person erase - --why 'asked in writing' < references.txt", N_("everybody in the file")),),
)
@translated_click.argument(
    "references",
    nargs=-1,
    required=True,
    metavar=N_("REFERENCE..."),
    help=N_("References of persons or professionals, as in the records: system:person:number."),
)
@why_kept
@answer_format
@pass_invocation
def command(invocation: Invocation, references: tuple[str, ...], why: str) -> Exit:
    """Erase persons."""
    # A command line is in the history of the shell and in the list of processes: a pipe is in neither.
    words = (sys.stdin.read().splitlines() if word == STANDARD_INPUT else [word] for word in references)
    with invocation.open_workspace() as workspace:
        entities = find_systems(workspace.settings, workspace.plugins).entities
        typed = read_references(chain.from_iterable(words), entities)
        refs, lines = [item.ref for item in typed], [item.line for item in typed]
        erased = erase_persons(workspace, refs, why=why, who=name_operator(), lines=lines)
    invocation.answer("person.erase", _to_content(erased), lambda: "\n".join(_iter_lines(erased)))
    return Exit.SETTLED if erased.is_finished and erased.list_file is None else Exit.ASIDE


def _to_content(erased: ErasedPersons) -> dict[str, Any]:
    return {
        "persons": erased.persons,
        "finished": erased.is_finished,
        "withdrawn": sum(flow.withdrawn for flow in erased.flows),
        "remaining": sum(len(flow.remaining) for flow in erased.flows),
        "list": erased.list_file.name if erased.list_file else None,
        "shelved": erased.shelved,
        "known": erased.known,
        "quarantine": erased.items,
        "files": erased.deposits,
        "held": list(erased.held),
        "lists": erased.lists,
        "audit_entries": erased.entries,
        "answers": erased.answers,
        "keys": erased.keys,
    }


def _iter_lines(erased: ErasedPersons) -> Iterator[str]:
    content = _to_content(erased)
    words = translate_plural("{count} person erased.", "{count} persons erased.", erased.persons)
    begun = _("The erasure is begun, and not finished.")
    yield words.format(count=format_count(erased.persons)) if erased.is_finished else begun
    for label, name in (
        (_("deleted at recipients"), "withdrawn"),
        *([(_("records on shelves"), "shelved")] if erased.shelved else []),
        (_("known records"), "known"),
        (_("rows in quarantine"), "quarantine"),
        (_("received files, destroyed as a whole"), "files"),
        (_("lists of whole exports, written anew"), "lists"),
        (_("entries of the audit trail, their words erased"), "audit_entries"),
        (_("answers; refusals stay"), "answers"),
        (_("keys that only older copies named"), "keys"),
    ):
        yield f"  {format_labelled(label, format_count(content[name]))}"
    if erased.list_file is not None:
        says = _("{count} records could not be deleted by us: people have to, with the list «{file}».")
        yield says.format(count=format_count(content["remaining"]), file=erased.list_file.name)
    if erased.held:
        says = _("Received files that hold them are not finished ({parcels}): run, retry or drop them, then again.")
        yield says.format(parcels=", ".join(shorten_key(digest) for digest in erased.held))
    yield _("Snapshots and packs that were written into folders of yours are not reached: remove them by hand.")
