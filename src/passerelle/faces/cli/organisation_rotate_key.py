"""`passerelle organisation rotate-key`: makes a new key of the installation, which locks those of all organisations."""

from __future__ import annotations

from passerelle.engine.persons.organisation_keys import replace_installation_key
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, _


@translated_click.command(
    "rotate-key",
    help=N_(
        "Make a new key of the installation, and lock the keys of all organisations of the journal with it. Nothing "
        "is delivered again. The old key opens nothing of today's database; copies from before open with it as long "
        "as it is kept anywhere. Copy the new key file to every machine at once."
    ),
    examples=(("organisation rotate-key --why 'poste cédé hier'", N_("then copy the key file")),),
)
@why_kept
@answer_format
@pass_invocation
def command(invocation: Invocation, why: str) -> Exit:
    """Replace the key of the installation."""
    changed = replace_installation_key(invocation.read_settings(), why=why, who=name_operator())
    words = _(
        "The key of the installation is new. Organisations whose key it locks: {count}. Copy the key file to every "
        "machine, save it apart, and destroy the copies of the old one."
    )
    content = {"organisations": changed.organisations}
    invocation.answer(
        "organisation.rotate-key", content, lambda: words.format(count=format_count(changed.organisations))
    )
    return Exit.SETTLED
