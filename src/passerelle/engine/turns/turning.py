"""One turn of a flow: taken under a fence, worked on for a slice, given back. Knows the database as a port only."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.turns import TurnRest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from passerelle.vocabulary.turns import Fence, FlowKey, Turnstile

PAUSE = timedelta(minutes=5)
"""After how long a flow is due again whose turn failed: whatever it was, it is tried again."""


class TurnEnd(StrEnum):
    """How a turn ended."""

    REFUSED = "refused"
    """Somebody else has it, or its organisation has as many as it may: nothing was done."""
    ENDED = "ended"
    OVERTAKEN = "overtaken"
    """Another worker has the flow by now, and what came late was not written."""


def take_turn(
    turnstile: Turnstile, key: FlowKey, drain: Callable[[Fence], TurnRest], now: Callable[[], datetime]
) -> TurnEnd:
    """Take a turn, let `drain` work under its fence, and give it back with what is left. Raises what `drain` raises."""
    fence = turnstile.take(key)
    if fence is None:
        return TurnEnd.REFUSED
    try:
        rest = drain(fence)
    except BaseException:
        # where the database is away the turn ends by itself, and a sweep finds it
        with suppress(PasserelleError):
            turnstile.give_back(fence, TurnRest(now() + PAUSE))
        raise
    return TurnEnd.ENDED if turnstile.give_back(fence, rest) else TurnEnd.OVERTAKEN
