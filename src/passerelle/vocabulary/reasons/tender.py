"""Why a tender cannot be written or read."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "usage.tender.missing",
        N_("There is no tender in «{folder}»: «{file}» is not there."),
        N_("Write one with «passerelle tender new», then «passerelle tender build»."),
    ),
    _reason(
        "usage.tender.unreadable",
        N_("The file «{file}» of the tender cannot be read: {defect}."),
        N_("Take it as it was published, or write it again with «passerelle tender build»."),
    ),
    _reason(
        "usage.program.unreadable",
        N_("«{folder}» is no folder of wheels that can go into a kit: «{file}» is not there, or cannot be read."),
        N_("Name the folder that «make package» writes (dist/wheelhouse)."),
    ),
    _reason(
        "usage.program.altered",
        N_("«{file}» in «{folder}» is not the file that was listed: its digest is another."),
        N_("Make the folder again with «make package»; send nothing that is not what it says."),
    ),
    _reason(
        "usage.program.other_edition",
        N_("«{folder}» holds another edition than the one that writes this tender ({version})."),
        N_("Make the folder with this edition: a bidder must get the result that the kit announces."),
    ),
)
