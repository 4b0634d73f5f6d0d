"""`passerelle person find`: the reference of somebody, from the supplier's own id or from a row in quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from passerelle.engine.persons import subject_finding
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.persons.subject_finding import FoundSubject


@translated_click.command(
    "find",
    help=N_(
        "Make references from the supplier's own id, in any spelling (capitals, zeros, accents), and say which of them "
        "are known; or show whom a row in quarantine names. Needs --why, which is recorded."
    ),
    examples=(
        ('person find 0042 --flow visites --why "demande d’accès"', N_("as this flow would make them")),
        ('person find --item 12 --why "corriger la saisie"', N_("whom a row in quarantine names")),
    ),
)
@translated_click.argument("id", required=False, metavar=N_("[ID]"), help=N_("The supplier's own id."))
@translated_click.option(
    "--flow",
    default="",
    metavar=N_("FLOW"),
    help=N_("Only as this flow makes them; as all flows when absent."),
    shell_complete=complete_flow,
)
@translated_click.option("--item", type=click.IntRange(min=1), metavar=N_("NUMBER"), help=N_("A row in quarantine."))
@why_kept
@answer_format
@pass_invocation
def command(invocation: Invocation, *, id: str | None, flow: str, item: int | None, why: str) -> Exit:  # noqa: A002  click names it
    """Find somebody."""
    if not id and item is None:
        raise UsageError("usage.person.nothing")
    with invocation.open_workspace() as workspace:
        if item is not None:
            found = subject_finding.find_by_item(workspace, item, why=why, who=name_operator())
        else:
            found = subject_finding.find_by_id(workspace, id or "", why=why, who=name_operator(), flow=flow)
    contents = [{"ref": entry.ref, "known": bool(entry.flows), "flows": list(entry.flows)} for entry in found]
    invocation.answer("person.find", {"found": contents}, lambda: _format_found(found))
    return Exit.SETTLED if any(entry.flows for entry in found) else Exit.ASIDE


def _format_found(found: Sequence[FoundSubject]) -> str:
    if not found:
        return _("Nobody is named there.")
    lines = [f"{entry.ref}  {', '.join(entry.flows)}".rstrip() for entry in found]
    if not any(entry.flows for entry in found):
        lines.insert(0, _("Nobody is known here by this id. It would make:"))
    return "\n".join(lines)
