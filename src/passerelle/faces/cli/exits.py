"""What the exit code of a command means, for the scheduler that started it."""

from __future__ import annotations

from enum import IntEnum

from passerelle.engine.runs.run_state import USAGE as USAGE_CODE
from passerelle.engine.runs.run_state import RunState
from passerelle.vocabulary.errors import (
    FatalError,
    FlowError,
    ParcelError,
    PasserelleError,
    SettingsError,
    TransientError,
    UsageError,
)


class Exit(IntEnum):
    """Exit codes, the same for every command; those of `RunState` and what only a command line can get wrong."""

    SETTLED = RunState.SETTLED
    ASIDE = RunState.ASIDE
    SUSPENDED = RunState.SUSPENDED
    STOPPED = RunState.STOPPED
    WAITING = RunState.WAITING
    USAGE = USAGE_CODE
    """The settings or the command line are wrong; nothing was done. EX_USAGE of BSD's sysexits.h."""


def of_error(error: PasserelleError) -> Exit:
    """Return the code with which an error ends the process."""
    # 75, EX_TEMPFAIL, is what a scheduler may try again by itself: only what passes without anybody acting
    match error:
        case SettingsError() | UsageError():
            return Exit.USAGE
        case TransientError():
            return Exit.WAITING
        case ParcelError():
            return Exit.ASIDE
        case FlowError():
            return Exit.SUSPENDED
        case FatalError() if error.will_pass:
            return Exit.WAITING
        case _:
            return Exit.STOPPED
