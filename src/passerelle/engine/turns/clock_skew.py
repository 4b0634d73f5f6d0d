"""Whether a worker's clock is near enough to the database's: moments of parcels and of schedules come from it."""

from __future__ import annotations

from passerelle.vocabulary.errors import FatalError

APART = "incident.clock.apart"
MOST_SKEW = 60.0
"""Seconds by which a clock may differ from the server's."""


def check_skew(seconds: float) -> None:
    """Raise FatalError `incident.clock.apart` where a clock is so many seconds ahead of the server's, or behind it."""
    if abs(seconds) > MOST_SKEW:
        raise FatalError(APART, seconds=str(round(abs(seconds))))
