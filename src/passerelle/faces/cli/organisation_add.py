"""`passerelle organisation add`: one organisation more in an installation."""

from __future__ import annotations

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.language import N_


@translated_click.command(
    "add",
    help=N_("Make the folder of an organisation: commented settings, key, folders. Replaces nothing."),
    examples=(("organisation add una-35", N_("beside the others")),),
)
@translated_click.argument(
    "name", metavar=N_("NAME"), help=N_("The name of its folder: small letters, digits and hyphens.")
)
@answer_format
@pass_invocation
def command(invocation: Invocation, name: str) -> Exit:
    """Add an organisation."""
    from passerelle.engine.organisations.joining import add_organisation  # noqa: PLC0415  help does without it
    from passerelle.faces.cli.init import read_template  # noqa: PLC0415  see above
    from passerelle.faces.cli.over_all import show_made  # noqa: PLC0415  see above

    installation = invocation.read_installation()
    with refuse_unreadable(installation.locate_folder(name)):
        made = add_organisation(installation, name, read_template())
    show_made(invocation, name, made.made, made.settings.key_file.name)
    return Exit.SETTLED
