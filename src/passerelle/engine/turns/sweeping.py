"""The sweep: rings for every flow that is due and for which no bell waits, whatever became of its bell.

A bell can be lost: its worker was killed, the database restarted while a turn ended, somebody emptied the queue. The
table of turns knows what is due, so that from any state of the queue one sweep sets it right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.vocabulary.turns import Bell, FlowKey, Turnstile


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did."""

    cleared: int
    """Bells taken away: of dead workers, and what was no bell."""
    rung: tuple[FlowKey, ...]
    """Flows that were due without a bell, longest first."""


def sweep(turnstile: Turnstile, bell: Bell) -> SweepReport:
    """Take away what nobody will answer, then ring for who is due and has no bell."""
    cleared = bell.clear()
    # the bells first: who is rung for in between is rung for twice, which is once
    waiting = frozenset(bell.list_rung())
    stranded = tuple(key for key in turnstile.list_due() if key not in waiting)
    for key in stranded:
        bell.ring(key)
    return SweepReport(cleared, stranded)
