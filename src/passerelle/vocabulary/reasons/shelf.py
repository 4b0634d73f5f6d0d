"""Reasons of the shelf: what it kept and cannot give."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS = (
    Reason(
        "incident.shelf.damaged",
        N_("A part of the shelf does not open: it was damaged, or erased since this copy of the state was made."),
        N_("Empty the shelf of the flow (passerelle shelf empty), then fill it again (passerelle shelf fill)."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.shelf.forgotten",
        N_("The reader was away for longer than the shelf of «{flow}» remembers removals ({contract})."),
        N_("Let the reader drop what it has of this contract and read everything again from the beginning."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.shelf.none",
        N_("The flow «{flow}» has no shelf. Those that have one: {known}."),
        N_("Write into its settings for how many days a record is kept, such as shelf = {{ days = 400 }}."),
        Concerns.OPERATOR,
    ),
    Reason(
        "settings.shelf.twice",
        N_("The destination of this flow is a shelf already, and «shelf» asks for another one."),
        N_("Take «shelf» out: the destination says for how many days records are kept."),
        Concerns.OPERATOR,
    ),
)
