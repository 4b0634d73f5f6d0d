"""`passerelle person seen`: who read records of somebody through the live API."""

from __future__ import annotations

from passerelle.documents.text_table import write_table
from passerelle.engine.persons.subject_finding import find_readings
from passerelle.engine.workspace.subject_references import find_systems, read_references
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import N_, _


@translated_click.command(
    "seen",
    help=N_(
        "Say which programs read records of somebody through the live API: by day, with the contract, the purpose and "
        "how many records. No value is shown."
    ),
    examples=(("person seen compani:person:66f0b1d2", N_("who read of one person")),),
)
@translated_click.argument("reference", metavar=N_("REFERENCE"), help=N_("As in the records: system:person:number."))
@answer_format
@pass_invocation
def command(invocation: Invocation, reference: str) -> Exit:
    """Show who read of somebody."""
    with invocation.open_workspace() as workspace:
        (typed,) = read_references([reference], find_systems(workspace.settings, workspace.plugins).entities)
        readings = find_readings(workspace, typed.ref)
    contents = [
        {
            "day": one.day.isoformat(),
            "client": one.client,
            "contract": one.contract,
            "purpose": one.purpose,
            "records": one.records,
            "last_at": one.last_at.isoformat(),
        }
        for one in readings
    ]
    heads = (_("last read"), _("client"), _("contract"), _("purpose"), _("records"))
    rows = [
        (format_moment(one.last_at), one.client, one.contract, one.purpose, format_count(one.records))
        for one in readings
    ]
    text = write_table(heads, rows) if rows else _("Nobody read records of this person through the API.")
    invocation.answer("person.seen", {"ref": typed.ref, "readings": contents}, lambda: text)
    return Exit.SETTLED
