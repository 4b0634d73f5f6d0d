"""Why bytes could not be read as rows."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "decode.row.too_few_cells",
        N_("This row has {found} cells where the header has {expected}."),
        N_("Ask the supplier to quote cells that hold a separator or a line break, and to write every cell."),
        Concerns.SUPPLIER,
    ),
)
