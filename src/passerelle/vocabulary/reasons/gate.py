"""Why a good record may not go."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "gate.consent.refused",
        N_("The person refused to take part for this purpose."),
        N_("Nothing to do. If the person has changed their mind, record it with «passerelle consent accept»."),
        Concerns.ORGANISATION,
    ),
)
