"""`passerelle consent`: record, withdraw and look up what persons and professionals say."""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING

import click

from passerelle.documents.text_table import write_table
from passerelle.engine.audit.revealing import audit_act
from passerelle.engine.persons.consent_answers import (
    ACCEPT,
    FORGET,
    REFUSE,
    WITHDRAW,
    AnswerParticulars,
    forget_answers,
    list_history,
    record_answers,
)
from passerelle.engine.workspace.subject_references import TypedReference, find_systems, read_references
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.consent import answer_texts
from passerelle.faces.cli.consent.particulars import add_particulars
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.workspace.assembly import Workspace

STANDARD_INPUT = "-"


@translated_click.group(
    "consent",
    help=N_(
        "What persons and professionals said when they were asked whether their records may be passed on: statements, "
        "kept under a keyed pseudonym, never overwritten. Give references, or «-» to read them from standard input, "
        "one a line: what stands on a command line can be seen by others."
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
    help=N_("References of persons or professionals, as in the records: system:person:number."),
)


@command.command(
    "record",
    help=N_("Record an answer with all that proves it: which text was shown, how and by whom it was collected."),
    examples=(
        (
            'consent record - --answer yes --text notice-3 --collected "sur papier" --by "Mme Petit" < answers.txt',
            N_("signed papers"),
        ),
        ("consent record - --answer no --recipient visites < refusals.txt", N_("towards the recipient of one flow")),
    ),
)
@_references
@translated_click.option(
    "--answer",
    type=click.Choice(["yes", "no"]),
    required=True,
    help=N_("Yes: their records may go; no: they are withheld."),
)
@add_particulars
@answer_format
@pass_invocation
def record(invocation: Invocation, references: tuple[str, ...], answer: str, particulars: AnswerParticulars) -> Exit:
    """Record answers with their particulars."""
    act = ACCEPT if answer == "yes" else REFUSE
    return _record(invocation, references, particulars, act, command="record")


def _add_answer(act: str, *, says: str, examples: Sequence[tuple[str, str]]) -> None:
    """Add the command, named like its act, that records one answer of everybody who is given."""

    @command.command(act, help=says, examples=examples)
    @_references
    @add_particulars
    @answer_format
    @pass_invocation
    def answer(invocation: Invocation, references: tuple[str, ...], particulars: AnswerParticulars) -> Exit:
        return _record(invocation, references, particulars, act, command=act)


_add_answer(
    REFUSE,
    says=N_(
        "Record that persons refuse: their records are withheld from now on. A professional objects likewise: what "
        "traces them is withheld."
    ),
    examples=(("consent refuse - --purpose steering < refusals.txt", N_("for activity figures only")),),
)
_add_answer(
    ACCEPT,
    says=N_("Record that persons accept. What was withheld is sent by «passerelle quarantine replay»."),
    examples=(("consent accept - < answers.txt", N_("for every purpose")),),
)
_add_answer(
    WITHDRAW,
    says=N_(
        "Record that persons take back what they accepted: their records are withheld from now on, and recipients "
        "delete what they have. What one of them cannot delete is in a dated list, for people to do."
    ),
    examples=(("consent withdraw - --text notice-3 < withdrawals.txt", N_("for every purpose")),),
)


@command.command(
    "forget",
    help=N_("End what persons answered: it is as if they had never been asked. The history stays, as proof."),
    examples=(("consent forget - < references.txt", N_("everybody in the file")),),
)
@_references
@answer_format
@pass_invocation
def forget(invocation: Invocation, references: tuple[str, ...]) -> Exit:
    """Forget answers."""
    with invocation.open_workspace() as workspace:
        recorded = forget_answers(workspace, _read_references(workspace, references), who=name_operator())
    content = answer_texts.to_content(recorded) | {"ended": recorded.ended}
    invocation.answer(f"consent.{FORGET}", content, lambda: answer_texts.format_forgotten(recorded))
    return Exit.SETTLED


@command.command(
    "history",
    help=N_(
        "Show all that persons said, oldest first: answer, purpose, text, from when and until when. How and by whom it "
        "was collected is shown only with --reveal and --why."
    ),
    examples=(
        ("consent history compani:person:66f0b1d2", N_("one person")),
        ('consent history - --reveal --why "…" < references.txt', N_("with how it was collected, which is recorded")),
    ),
)
@_references
@translated_click.option("--reveal", is_flag=True, help=N_("Show how and by whom it was collected, with --why."))
@why_kept
@answer_format
@pass_invocation
def history(invocation: Invocation, references: tuple[str, ...], *, reveal: bool, why: str) -> Exit:
    """Show what was said."""
    with invocation.open_workspace() as workspace:
        typed = _read_references(workspace, references)
        if reveal:
            named = " ".join(item.ref for item in typed)
            audit_act(workspace, "consent.reveal", named, why=why, who=name_operator())
        said = list_history(workspace, [item.ref for item in typed])
    content = {
        "subjects": [answer_texts.describe_history(ref, entries, reveal=reveal) for ref, entries in said.items()]
    }
    invocation.answer("consent.history", content, lambda: answer_texts.format_history(said, reveal=reveal))
    return Exit.SETTLED


@command.command(
    "list",
    help=N_("Count the answers that stand, by purpose. Persons are not shown."),
    examples=(("consent list", N_("the counts")),),
)
@answer_format
@pass_invocation
def list_answers(invocation: Invocation) -> Exit:
    """Count answers."""
    with invocation.open_workspace() as workspace:
        counts = workspace.consents.count_answers(workspace.clock.now())
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


def _record(
    invocation: Invocation, references: tuple[str, ...], particulars: AnswerParticulars, act: str, *, command: str
) -> Exit:
    with invocation.open_workspace() as workspace:
        typed = _read_references(workspace, references)
        recorded = record_answers(workspace, typed, particulars, act, who=name_operator())
    content = answer_texts.to_content(recorded)
    if act == WITHDRAW:
        content |= {"flows": list(recorded.flows), **answer_texts.describe_withdrawal(recorded.withdrawal)}
    invocation.answer(f"consent.{command}", content, lambda: answer_texts.format_recorded(recorded))
    # somebody has to do what is in the list
    is_left = recorded.withdrawal is not None and recorded.withdrawal.list_file is not None
    return Exit.ASIDE if is_left else Exit.SETTLED


def _read_references(workspace: Workspace, words: Sequence[str]) -> list[TypedReference]:
    """Return the references that were typed, those of standard input in place of the dash; each once."""
    # A command line is in the history of the shell and in the list of processes: a pipe is in neither.
    lines = (sys.stdin.read().splitlines() if word == STANDARD_INPUT else [word] for word in words)
    entities = find_systems(workspace.settings, workspace.plugins).entities
    return read_references(chain.from_iterable(lines), entities)
