"""A signed dossier, as it was written or checked, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.formatting import format_count, format_labelled, show_name
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from passerelle.switching.prove.dossier_verifying import DossierReport


def format_signed(fingerprint: str, open_differences: int) -> str:
    """Write what a dossier leaves open, and the fingerprint of the key that signed it."""
    lines = []
    if open_differences:
        words = translate_plural(
            "{count} difference that nobody expected is open.",
            "{count} differences that nobody expected are open.",
            open_differences,
        )
        lines.append(words.format(count=open_differences))
    lines.append(_("Fingerprint of the key: {fingerprint}").format(fingerprint=fingerprint))
    return "\n".join(lines)


def format_verification(verdict: DossierReport, *, is_key_known: bool) -> str:
    """Write the flaws of a dossier, what was computed again, and the fingerprint of its key."""
    lines = []
    for flaw in verdict.flaws:
        says, advice = explain(flaw.code, flaw.details)
        lines += [format_labelled(flaw.about, says), f"  → {advice}"]
    if verdict.is_as_signed:
        lines.append(_("The dossier is as it was signed."))
    if verdict.recomputed and verdict.is_as_signed:
        count = format_count(len(verdict.recomputed))
        lines.append(
            _("Computed again from the exports, with the same result: {count} fingerprints.").format(count=count)
        )
    if verdict.described:
        words = _("Read by descriptions that the dossier carries: {connectors}.")
        lines.append(words.format(connectors=", ".join(map(show_name, verdict.described))))
    lines.append(_("Fingerprint of the key: {fingerprint}").format(fingerprint=verdict.fingerprint))
    if not is_key_known:
        # the key lies in the dossier: whoever forges one signs it with another, so the fingerprint must come apart
        lines.append("→ " + _("Compare it with the one that the signer gave you by another way."))
    return "\n".join(lines)
