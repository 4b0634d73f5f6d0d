"""`passerelle consent`: record the answers of persons."""

from __future__ import annotations

import sys
from itertools import chain

import click

from passerelle.contracts.field_meta import Purpose
from passerelle.documents.text_table import write_table
from passerelle.engine.consent_answers import forget_answers, name_answer, parse_references, record_answers
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _, translate_plural

STANDARD_INPUT = "-"


@translated_click.group(
    "consent",
    help=N_(
        "What persons answered when they were asked whether their records may be passed on. Answers are kept under "
        "a keyed pseudonym. Give references, or «-» to read them from standard input, one a line: what stands on a "
        "command line can be seen by others."
    ),
    examples=(("consent refuse - < refusals.txt", N_("for everybody in the file, for every purpose")),),
)
def command() -> None:
    """Hold the commands below."""


_references = translated_click.argument(
    "references",
    nargs=-1,
    required=True,
    metavar=N_("REFERENCE..."),
    help=N_("References of persons, as in the records: system:person:number."),
)
_purpose = translated_click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    help=N_("For this purpose only; for every purpose when absent."),
)


@command.command(
    "refuse",
    help=N_("Record that persons refuse: their records are withheld from now on."),
    examples=(("consent refuse - --purpose steering < refusals.txt", N_("for activity figures only")),),
)
@_references
@_purpose
@answer_format
@pass_invocation
def refuse(invocation: Invocation, references: tuple[str, ...], purpose: str | None) -> Exit:
    """Record refusals."""
    return _record_all(invocation, references, purpose, accepted=False)


@command.command(
    "accept",
    help=N_("Record that persons accept. What was withheld is sent by «passerelle quarantine replay»."),
    examples=(("consent accept - < answers.txt", N_("for every purpose")),),
)
@_references
@_purpose
@answer_format
@pass_invocation
def accept(invocation: Invocation, references: tuple[str, ...], purpose: str | None) -> Exit:
    """Record acceptances."""
    return _record_all(invocation, references, purpose, accepted=True)


@command.command(
    "forget",
    help=N_("Erase what persons answered: it is as if they had never been asked."),
    examples=(("consent forget - < references.txt", N_("everybody in the file")),),
)
@_references
@answer_format
@pass_invocation
def forget(invocation: Invocation, references: tuple[str, ...]) -> Exit:
    """Forget answers."""
    persons = _read_references(references)
    with invocation.open_workspace() as workspace:
        forget_answers(workspace, persons, who=name_operator())
    return _answer(invocation, "forget", len(persons))


@command.command(
    "list",
    help=N_("Count the answers by purpose. Persons are not shown."),
    examples=(("consent list", N_("the counts")),),
)
@answer_format
@pass_invocation
def list_answers(invocation: Invocation) -> Exit:
    """Count answers."""
    with invocation.open_workspace() as workspace:
        counts = workspace.consents.count_answers()
    contents = [
        {"purpose": purpose, "accepted": accepted, "count": count} for (purpose, accepted), count in counts.items()
    ]
    rows = [
        (
            _("every purpose") if purpose == ALL_PURPOSES_ANSWER else purpose,
            _("accepted") if accepted else _("refused"),
            str(count),
        )
        for (purpose, accepted), count in counts.items()
    ]
    table = write_table((_("purpose"), _("answer"), _("number")), rows) if rows else _("No answer is recorded.")
    invocation.answer("consent.list", {"answers": contents}, lambda: table)
    return Exit.SETTLED


def _record_all(invocation: Invocation, references: tuple[str, ...], purpose: str | None, *, accepted: bool) -> Exit:
    persons = _read_references(references)
    with invocation.open_workspace() as workspace:
        record_answers(workspace, persons, purpose, accepted=accepted, who=name_operator())
    return _answer(invocation, name_answer(accepted=accepted), len(persons))


def _answer(invocation: Invocation, act: str, count: int) -> Exit:
    words = translate_plural("{count} person: recorded.", "{count} persons: recorded.", count)
    invocation.answer(f"consent.{act}", {"count": count}, lambda: words.format(count=format_count(count)))
    return Exit.SETTLED


def _read_references(words: tuple[str, ...]) -> list[str]:
    """Return the references that were typed, those of standard input in place of the dash; each once."""
    # A command line is in the history of the shell and in the list of processes: a pipe is in neither.
    lines = (sys.stdin.read().splitlines() if word == STANDARD_INPUT else [word] for word in words)
    return parse_references(chain.from_iterable(lines))
