"""What concerns workers on several machines: turns, their clocks, what they need."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "usage.fleet.alone",
        N_("The settings name no journal that several machines share: there is nothing for a fleet to do."),
        N_(
            "On one machine, «passerelle watch» or a timer with «passerelle run --due» does the same; for several, set "
            "«journal» in «[passerelle]»."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.fleet.missing",
        N_("The library that hands out turns to several machines is not installed."),
        N_("Install passerelle-social[fleet]."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.clock.apart",
        N_("The clock of this machine and that of the database differ by {seconds} s."),
        N_("Set the clock of this machine (NTP), then start the worker again: it does nothing before."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.queue.newer",
        N_("The tables of the queue belong to a later version ({version}) than the one that is installed here."),
        N_("Install the version of the other machines, then start the worker again: it does nothing before."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow.overtaken",
        N_("Another worker took over this flow meanwhile: this one was silent for too long."),
        N_("Nothing to do: nothing was written here, and the other worker goes on where the journal stands."),
        Concerns.OPERATOR,
    ),
)
