"""How a run ended, as one state: what its flows need most urgently. Light: the command line imports it at start-up."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.engine.runs.worker import FlowOutcome
    from passerelle.vocabulary.outcomes import Balance


class RunState(IntEnum):
    """How a run ended. The number is in the log, and is the exit code of the process."""

    SETTLED = 0
    """Everything is settled."""
    ASIDE = 1
    """Some records were set aside, a parcel is parked, or a source fell silent: somebody should look today."""
    SUSPENDED = 2
    """A flow is suspended until somebody acts."""
    STOPPED = 3
    """Passerelle itself failed: the process had to stop, or one parcel or flow was left behind by a fault."""
    WAITING = 75
    """Something waits for the other side: run again later. EX_TEMPFAIL of BSD's sysexits.h."""


USAGE = 64
"""The exit code of a command that did nothing, for the settings or what was typed are wrong."""
_OUTCOMES = {**{state.name.lower(): int(state) for state in RunState}, "faulty": int(RunState.STOPPED), "usage": USAGE}

_PRESSING = (RunState.STOPPED, USAGE, RunState.SUSPENDED, RunState.WAITING, RunState.ASIDE, RunState.SETTLED)
"""What several organisations need together is what needs a person most; of wrong settings nothing was done."""


def find_exit_code(outcome: str) -> int | None:
    """Return the exit code of a run by the word that the journal keeps of how it ended; None for one that did not."""
    return _OUTCOMES.get(outcome)


def find_worst(codes: Iterable[int]) -> int:
    """Return the most pressing of exit codes: failed, then wrong settings, suspended, waiting, set aside; 0 of none."""
    return min(codes, key=_PRESSING.index, default=int(RunState.SETTLED))


def is_pressing(notice: str) -> bool:
    """Whether a notice of this code makes a run end with ASIDE; what only foretells an end, weeks before, is told."""
    return not (notice.startswith("certificate.") and notice.endswith(".ends"))


def find_balance_state(balance: Balance) -> RunState:
    """Return ASIDE when somebody should look. What is withheld on purpose (consent, purpose, scope) needs nobody."""
    needs_somebody = balance.aside - balance.fates.get(Fate.WITHHELD, 0)
    return RunState.ASIDE if needs_somebody else RunState.SETTLED


def find_flows_state(outcomes: Sequence[FlowOutcome]) -> RunState:
    """Return the most pressing state of flows: failed, then suspended, then waiting, then set aside."""
    # Not the largest number: a suspended flow (2) needs a person, one that waits (75) only needs time. A fault comes
    # first: it is told in this run alone, while a suspension is told again until somebody acts.
    if any(outcome.failure or outcome.faults for outcome in outcomes):
        return RunState.STOPPED
    if any(outcome.suspended for outcome in outcomes):
        return RunState.SUSPENDED
    if any(outcome.waiting for outcome in outcomes):
        return RunState.WAITING
    if any(outcome.parked or any(is_pressing(notice.code) for notice in outcome.notices) for outcome in outcomes):
        return RunState.ASIDE
    return max((find_balance_state(outcome.balance) for outcome in outcomes), default=RunState.SETTLED)
