"""`passerelle switch verify`: check a dossier, and the exports that it speaks of."""

from __future__ import annotations

from pathlib import Path

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.report import dossier as dossiers
from passerelle.switching.prove.dossier_verifying import verify_dossier
from passerelle.vocabulary.language import N_

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@translated_click.command(
    "verify",
    help=N_(
        "Check a dossier: its signature, each of its files, and, with the exports, all that was computed from them. "
        "Anybody can do so, without the settings or the journal of whoever made it."
    ),
    examples=(
        ("switch verify preuve", N_("the signature and the files")),
        ("switch verify preuve --exports exports", N_("and read both sides again")),
        ("switch verify preuve --key 'a1b2 c3d4 …'", N_("and that it was signed with this key")),
    ),
)
@translated_click.argument("dossier", type=_FOLDER, metavar=N_("DOSSIER"), help=N_("The folder of the dossier."))
@translated_click.option(
    "--exports", type=_FOLDER, metavar=N_("FOLDER"), help=N_("Where the exports of both sides are, and nothing else.")
)
@translated_click.option(
    "--key", "wanted", default="", metavar=N_("FINGERPRINT"), help=N_("The fingerprint that the signer gave you.")
)
@answer_format
@pass_invocation
def command(invocation: Invocation, dossier: Path, exports: Path | None, wanted: str) -> Exit:
    """Verify a dossier."""
    verdict = verify_dossier(dossier, exports=exports, plugins=invocation.load_plugins() if exports else None)
    # people copy it from a page or a telephone call: spaces and capitals do not count
    if wanted and wanted.replace(" ", "").lower() != verdict.fingerprint.replace(" ", ""):
        verdict.add_flaw("validate.dossier.key", "signature.json")
    content = {
        "good": not verdict.flaws,
        "fingerprint": verdict.fingerprint,
        "flaws": [{"reason": flaw.code, "about": flaw.about, "facts": dict(flaw.details)} for flaw in verdict.flaws],
        "recomputed": verdict.recomputed,
        "described": verdict.described,
    }
    invocation.answer(
        "switch.verify", content, lambda: dossiers.format_verification(verdict, is_key_known=bool(wanted))
    )
    return Exit.ASIDE if verdict.flaws else Exit.SETTLED
