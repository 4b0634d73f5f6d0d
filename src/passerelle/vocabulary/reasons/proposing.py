"""Why a plugin cannot be proposed from a file, or a description not be put to work."""

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
    _reason(
        "usage.description.gone",
        N_("This draft of a description is gone."),
        N_("Look at the drafts of the workshop: somebody may have removed it."),
    ),
    _reason(
        "usage.description.overtaken",
        N_("Somebody else changed this draft meanwhile: theirs was kept, yours was not saved."),
        N_("Look at the draft as it is now, and change it again if need be."),
    ),
    _reason(
        "usage.description.code",
        N_("A code is not in the code list «{list}»: {count} of them."),
        N_("Choose a code of the list, or leave the word undecided."),
    ),
    _reason(
        "usage.description.long",
        N_("The description is too long, or holds signs that nobody sees."),
        N_("Write at most {most} characters, and none that cannot be seen."),
    ),
    _reason(
        "usage.description.undecided",
        N_("Something is left to decide in this description: {count}."),
        N_("Answer each question, and give each word a code, before it is put to work."),
    ),
    _reason(
        "usage.description.there",
        N_("Another description is there already, and it is not the one that the page showed: nothing was replaced."),
        N_("Open the draft again: the page shows what is there and what would change."),
    ),
    _reason(
        "usage.description.taken",
        N_("The short name of the software, or of one of its exports, belongs to another one already."),
        N_("Change it in the description: two of the same name would let no flow start."),
    ),
    _reason(
        "usage.description.unwritable",
        N_("The folder of the descriptions cannot be written."),
        N_("Have the account that serves the pages given the right to write there."),
    ),
)
