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
)
