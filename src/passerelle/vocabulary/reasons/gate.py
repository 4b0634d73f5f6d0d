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
    Reason(
        "gate.consent.missing",
        N_("This flow only carries records of persons who accepted, and this person has not answered."),
        N_("Ask the person, then record the answer with «passerelle consent accept» or «passerelle consent refuse»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.consent.nobody",
        N_("This flow only carries records of persons who accepted, and this record does not say whom it is about."),
        N_("Complete the person in the software and export again, or ask the supplier to export the person's number."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.purpose.unserved",
        N_("The contract {contract} does not serve the purpose «{purpose}»: it requires {fields}."),
        N_("Give the flow another purpose, or another connector; the contract's page says which field serves which."),
        Concerns.OPERATOR,
    ),
)
