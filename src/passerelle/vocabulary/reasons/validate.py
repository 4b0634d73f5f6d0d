"""Why a record does not satisfy its contract."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "validate.field.missing",
        N_("The contract requires this field and the row gives nothing for it."),
        N_("Complete it in the software and export again, or ask the supplier to export it."),
        Concerns.ORGANISATION,
    ),
)
