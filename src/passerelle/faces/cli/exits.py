"""What the exit code of a command means, for the scheduler that started it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import (
    FlowError,
    ParcelError,
    PasserelleError,
    SettingsError,
    TransientError,
    UsageError,
)
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from passerelle.vocabulary.outcomes import Balance


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    SETTLED = 0
    """Everything is settled."""
    ASIDE = 1
    """Some records were set aside, or a parcel is parked: somebody should look."""
    SUSPENDED = 2
    """A flow is suspended until somebody acts."""
    STOPPED = 3
    """The process had to stop."""
    USAGE = 64
    """The settings or the command line are wrong; nothing was done."""
    WAITING = 75
    """Something waits for the other side: run the same command again later."""


def of_error(error: PasserelleError) -> Exit:
    """Say with which code an error ends the process."""
    match error:
        case SettingsError() | UsageError():
            return Exit.USAGE
        case TransientError():
            return Exit.WAITING
        case ParcelError():
            return Exit.ASIDE
        case FlowError():
            return Exit.SUSPENDED
        case _:
            return Exit.STOPPED


def of_balance(balance: Balance) -> Exit:
    """Say whether somebody should look. What is withheld on purpose (consent, purpose, scope) needs nobody."""
    needs_somebody = balance.aside - balance.fates.get(Fate.WITHHELD, 0)
    return Exit.ASIDE if needs_somebody else Exit.SETTLED
