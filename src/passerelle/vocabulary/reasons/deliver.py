"""Why a destination did not take a record."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "deliver.record.refused",
        N_("The destination refused this record (its answer: {status})."),
        N_("Read the destination's own rules for this field, correct the record at the source, then replay it."),
        Concerns.ORGANISATION,
    ),
)
