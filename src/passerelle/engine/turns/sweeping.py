"""The sweep: rings for every flow that is due and for which no bell waits, whatever became of its bell.

A bell can be lost: its worker was killed, the database restarted while a turn ended, somebody emptied the queue. The
table of turns knows what is due, so that from any state of the queue one sweep sets it right.
"""

from __future__ import annotations

from collections import Counter
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


def sweep(turnstile: Turnstile, bell: Bell, most: int = 0) -> SweepReport:
    """Take away what nobody will answer, then ring for who is due and has no bell.

    `most`: of each organisation so many bells wait, no more (0: of all its flows); each that is answered rings for the
    next. Whoever has three thousand flows then stands in line no longer than anybody else.
    """
    cleared = bell.clear()
    # the bells first: who is rung for in between is rung for twice, which is once
    waiting = frozenset(bell.list_rung())
    due = turnstile.list_due()
    rung = Counter(key.organisation for key in due if key in waiting)
    stranded = []
    for key in due:
        if key not in waiting and not (most and rung[key.organisation] >= most):
            rung[key.organisation] += 1
            stranded.append((rung[key.organisation], key))
    # the first of each organisation before the second of any; among them, who waits longest
    stranded.sort(key=lambda each: each[0])
    for _place, key in stranded:
        bell.ring(key)
    return SweepReport(cleared, tuple(key for _place, key in stranded))
