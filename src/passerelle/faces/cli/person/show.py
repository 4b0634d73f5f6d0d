"""`passerelle person show`: what is known of somebody, without any value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.documents.text_table import write_table
from passerelle.engine.persons.subject_finding import describe_subject
from passerelle.engine.workspace.subject_references import find_systems, read_references
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.consent import answer_texts
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from passerelle.engine.persons.subject_finding import SubjectSummary


@translated_click.command(
    "show",
    help=N_(
        "Say what is known of somebody by a reference: through which flows records went, for which purposes, how many "
        "rows wait in quarantine, what was answered. No value is shown."
    ),
    examples=(("person show compani:person:66f0b1d2", N_("one person")),),
)
@translated_click.argument("reference", metavar=N_("REFERENCE"), help=N_("As in the records: system:person:number."))
@answer_format
@pass_invocation
def command(invocation: Invocation, reference: str) -> Exit:
    """Show what is known of somebody."""
    with invocation.open_workspace() as workspace:
        entities = find_systems(workspace.settings, workspace.plugins).entities
        (typed,) = read_references([reference], entities)
        summary = describe_subject(workspace, typed.ref)
    content = {
        "ref": typed.ref,
        "flows": [
            {
                "flow": entry.flow,
                "purpose": entry.purpose,
                "recipient": entry.recipient,
                "own_record": entry.has_own_record,
                "waiting": summary.waiting.get(entry.flow, 0),
            }
            for entry in summary.flows
        ],
        "statements": answer_texts.describe_history(typed.ref, summary.statements, reveal=False)["statements"],
    }
    invocation.answer("person.show", content, lambda: _format_summary(typed.ref, summary))
    return Exit.SETTLED if summary.flows or summary.statements else Exit.ASIDE


def _format_summary(ref: str, summary: SubjectSummary) -> str:
    if not summary.flows:
        parts = [_("Nobody is known here by this reference.")]
    else:
        headers = (_("flow"), _("purpose"), _("recipient"), _("own record"), _("in quarantine"))
        rows = [
            (
                entry.flow,
                entry.purpose,
                entry.recipient,
                _("yes") if entry.has_own_record else _("no"),
                str(summary.waiting.get(entry.flow, 0)),
            )
            for entry in summary.flows
        ]
        parts = [write_table(headers, rows)]
    return "\n\n".join([*parts, answer_texts.format_history({ref: summary.statements}, reveal=False)])
