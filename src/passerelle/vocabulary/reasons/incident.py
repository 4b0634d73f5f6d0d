"""Why a batch waits, a parcel is parked, a flow is suspended or the process stops."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "incident.supplier.unreachable",
        N_("The other system cannot be reached."),
        N_("Nothing to do: the batch waits and is tried again at the next run."),
        Concerns.OPERATOR,
    ),
)
