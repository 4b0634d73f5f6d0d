"""Why a row could not become a record of the contract."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "translate.row.out_of_scope",
        N_("The connector leaves this row out on purpose: {why}"),
        N_("Nothing to do, unless this kind of row should be delivered: then the connector has to describe it."),
        Concerns.ORGANISATION,
    ),
)
