"""Why the state of a record is not the latest, or may not be."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "compare.record.older",
        N_("This state of the record is older than the one that the destination has: it did not replace it."),
        N_("Nothing to do. If the older state is the right one, enter it again in the software and export it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "compare.record.undated",
        N_(
            "This state of the record was delivered though nothing says when it was made: an older one may have "
            "replaced a newer one."
        ),
        N_(
            "See in the file whether the column of «ordered_by» is there, filled and written as the settings say, or "
            "whether the file's name has its date; then compare these records with the software."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "collect.parcel.older",
        N_("This record was replaced by an older file than one taken before, as its name or its arrival says."),
        N_(
            "Compare with the software. If the newer state was lost, take the newer file again («passerelle flow "
            "take-again»), and say in the settings what orders the states («ordered_by»)."
        ),
        Concerns.OPERATOR,
    ),
)
