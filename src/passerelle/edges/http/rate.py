"""No more requests a second than the other side was promised."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.vocabulary.ports import Clock


class Rate:
    """Hands out moments, evenly spaced; shared by the threads of one client."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._interval = 1 / per_second if per_second > 0 else 0.0
        self._clock = clock
        self._lock = Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait for one's turn."""
        with self._lock:
            now = monotonic()
            turn = max(now, self._next)
            self._next = turn + self._interval
        # Outside of the lock: others take their turns meanwhile.
        if turn > now:
            self._clock.sleep(turn - now)
