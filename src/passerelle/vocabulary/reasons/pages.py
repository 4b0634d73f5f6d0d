"""What is wrong with a list that was read page by page: rows may be missing from what was received."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

_NEXT_LOOK = N_(
    "Nothing is lost if the next look is complete: it then takes this notice away. If it comes back every time, run "
    "the flow at an hour when nobody works in the other software."
)
_ASK_SUPPLIER = N_("Tell the supplier: its API leads in a circle. What came until then was taken; the rest is missing.")

REASONS: tuple[Reason, ...] = (
    Reason(
        "pages.total.changed",
        N_("The other system announced {first} rows, then {last}: its list changed each time it was read."),
        _NEXT_LOOK,
        Concerns.OPERATOR,
    ),
    Reason(
        "pages.total.unmet",
        N_("{received} different rows came, and the other system announces {total}."),
        N_(
            "Rows may be missing. If the same numbers come back every time, ask the supplier what its total counts; "
            "else the next complete look takes this notice away."
        ),
        Concerns.SUPPLIER,
    ),
    Reason(
        "pages.rows.repeated",
        N_("{count} rows came a second time on a later page: the list shifted each time it was read."),
        _NEXT_LOOK,
        Concerns.OPERATOR,
    ),
    Reason(
        "pages.rows.shifted",
        N_("{count} pages do not continue where the page before ended: the list shifted each time it was read."),
        _NEXT_LOOK,
        Concerns.OPERATOR,
    ),
    Reason(
        "pages.page.uneven",
        N_("Pages before the last one are not of one size, and nothing says whether rows fell between them."),
        N_("Lower the size of pages in the settings of the flow's source until all are of that size."),
        Concerns.OPERATOR,
    ),
    Reason(
        "pages.page.empty",
        N_("{count} pages in the middle of the list were empty, and nothing says how many rows should have come."),
        N_("Ask the supplier why a page is empty while more follow."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "pages.cursor.repeated",
        N_("The other system leads back to a place in its list where we were already. Reading stopped there."),
        _ASK_SUPPLIER,
        Concerns.SUPPLIER,
    ),
    Reason(
        "pages.link.repeated",
        N_("The link to the next page leads back to one that was read already. Reading stopped there."),
        _ASK_SUPPLIER,
        Concerns.SUPPLIER,
    ),
    Reason(
        "pages.look.endless",
        N_("The list did not end after {count} pages. Reading stopped there."),
        N_("Ask for fewer days or larger pages in the settings of the flow's source, or tell the supplier."),
        Concerns.OPERATOR,
    ),
    Reason(
        "pages.look.unsteady",
        N_("The list was read {count} times, and was never twice the same: what vanished from it cannot be told."),
        _NEXT_LOOK,
        Concerns.OPERATOR,
    ),
    Reason(
        "pages.answer.cut",
        N_("The other system says itself that it left rows out ({count} answers)."),
        N_("Ask for fewer days or smaller pages in the settings of the flow's source."),
        Concerns.SUPPLIER,
    ),
)
