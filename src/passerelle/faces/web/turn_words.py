"""What a page says of something that waits for its turn behind the pages, or goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.web.blocks import PageNotice
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from passerelle.faces.web.run_starting import FlowTrial, SwitchWork
    from passerelle.faces.web.visits import PageVisit


def describe_turn(visit: PageVisit, asked: FlowTrial | SwitchWork, goes_on: str) -> PageNotice:
    """Return how many things come before something that was asked for; `goes_on`: said once its turn has come."""
    ahead = visit.starter.count_before(asked) if visit.starter else 0
    if not ahead:
        return PageNotice("info", goes_on)
    told = translate_plural(
        "It waits for its turn: {count} before it.", "It waits for its turn: {count} before it.", ahead
    )
    return PageNotice("info", told.format(count=format_count(ahead)), _("You may leave this page and come back."))
