"""`passerelle fleet move`: carries a journal into one that several organisations share, and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.engine.backup.journal_moving import share_journal, withdraw_journal
from passerelle.engine.settings.general_settings import SharedPlaces
from passerelle.engine.settings.secrets import is_reference
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.faces.cli.translated_click import File, option
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.organisation_names import ORGANISATION_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.backup.journal_moving import MovedJournal


@translated_click.command(
    "move",
    help=N_(
        "Carry the journal of these settings from a file into a shared one, or back, row by row in one transaction; "
        "the books of both sides are held against each other before it ends. Received files stay where they are. "
        "No flow runs meanwhile. The answer says what to change in the settings."
    ),
    examples=(
        (
            "fleet move --from etat --to env:PASSERELLE_JOURNAL --organisation una-35 --key installation.cle",
            N_("from a file into a shared journal"),
        ),
        ("fleet move --from env:PASSERELLE_JOURNAL --to etat --key cle", N_("back into a file")),
    ),
)
@option(
    "--from", "source", required=True, metavar=N_("PLACE"), help=N_("A state folder, or the reference of a journal.")
)
@option("--to", "target", required=True, metavar=N_("PLACE"), help=N_("A reference, or a state folder."))
@option("--organisation", default="", metavar=N_("NAME"), help=N_("Whose rows they are in the shared journal."))
@option(
    "--keyring", default="", metavar=N_("REFERENCE"), help=N_("Another database, into which the keyring is copied.")
)
@option(
    "--key",
    type=File(),
    required=True,
    metavar=N_("FILE"),
    help=N_("The key of the installation; on the way back, a new file for the key of the organisation."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, source: str, target: str, organisation: str, keyring: str, key: Path) -> Exit:
    """Carry a journal over."""
    settings, who = invocation.read_settings(), name_operator()
    if is_reference(source) == is_reference(target):
        raise UsageError("usage.move.sides")
    if is_reference(target):
        if not ORGANISATION_NAME.match(organisation):
            raise UsageError("usage.move.organisation")
        shared = SharedPlaces(target, organisation, keyring)
        moved = share_journal(replace(settings, state=Path(source).absolute()), shared, key.absolute(), who=who)
    else:
        moved = withdraw_journal(replace(settings, state=Path(target).absolute()), key.absolute(), who=who)
    content = {"rows": moved.rows, "received": dict(moved.flows), "settings": dict(moved.settings)}
    invocation.answer("fleet.move", content, lambda: "\n".join(_iter_lines(moved)))
    return Exit.SETTLED


def _iter_lines(moved: MovedJournal) -> Iterator[str]:
    yield _("Rows carried over, the same on both sides: {count}.").format(count=format_count(moved.rows))
    for flow, received in moved.flows.items():
        yield format_labelled(flow, _("{count} received since the beginning").format(count=format_count(received)))
    yield _("In the table [passerelle] of the settings, from now on:")
    for name, value in moved.settings.items():
        yield f'    {name} = "{value}"' if value else _("    (without {name})").format(name=name)
    yield _("The key file of before is not needed any more: once a run has gone well, destroy it.")
