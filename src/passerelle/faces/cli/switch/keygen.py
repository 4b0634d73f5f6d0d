"""`passerelle switch keygen`: make a key to sign dossiers with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exit_pack import fetch_passphrase
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.switching.prove import keys
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from pathlib import Path


@translated_click.command(
    "keygen",
    help=N_(
        "Make an Ed25519 key to sign dossiers with, and show its fingerprint. Keep the file where only whoever signs "
        "can read it; give the fingerprint by another way than the dossiers."
    ),
    examples=(
        ("switch keygen --output signature.pem", N_("for a person who keeps the file to herself")),
        ("switch keygen --output signature.pem --passphrase ask", N_("locked with a passphrase")),
    ),
)
@translated_click.option(
    "--output", required=True, type=translated_click.File(), metavar=N_("FILE"), help=N_("Where the private key goes.")
)
@translated_click.option(
    "--passphrase",
    "reference",
    metavar=N_("REFERENCE"),
    help=N_("Where the passphrase is: env:NAME, file:PATH, keyring:service/name, or «ask»."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, output: Path, reference: str | None) -> Exit:
    """Make a key."""
    # asked for twice: a key under a misspelt passphrase is lost
    fingerprint = keys.make_key(output, fetch_passphrase(reference, confirm=True))
    content = {"file": output.name, "fingerprint": fingerprint}
    invocation.answer(
        "switch.keygen", content, lambda: _("Fingerprint of the key: {fingerprint}").format(fingerprint=fingerprint)
    )
    return Exit.SETTLED
