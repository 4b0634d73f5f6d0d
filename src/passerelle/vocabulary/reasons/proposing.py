"""Why a plugin cannot be proposed from a file."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "usage.plugin.unnameable",
        N_("«{name}» cannot be the name of a plugin."),
        N_("Begin with a letter; letters, digits and hyphens may follow."),
    ),
    _reason(
        "usage.sample.no_contract",
        N_("No contract fits the file «{file}»; the nearest ones are {near}."),
        N_("Look at «passerelle plugins infer». If you know better, name a contract with --contract."),
    ),
    _reason(
        "usage.sample.unfit",
        N_("The file «{file}» cannot fill the contract «{contract}»: nothing in it fills {fields}."),
        N_("Ask for another contract with --contract, or look at «passerelle plugins infer»."),
    ),
)
