"""How many requests one client may make: so many a second, and twice as many at once."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from passerelle.engine.api.refusals import RequestRefusedError

if TYPE_CHECKING:
    from passerelle.vocabulary.ports import Clock

NOBODY = 0
"""The number under which requests without a token that is taken are counted, all together."""
_BURST = 2
_REMEMBERED = 10_000


class RateLimits:
    """Counts requests by token: a bucket that fills again as time goes by."""

    def __init__(self, clock: Clock, per_second: int) -> None:
        self._clock = clock
        self._per_second = per_second
        self._buckets: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, token: int) -> None:
        """Count a request. Raises RequestRefusedError `api.rate.exceeded` for one too many."""
        now, most = self._clock.now().timestamp(), float(self._per_second * _BURST)
        with self._lock:
            left, since = self._buckets.get(token, (most, now))
            # a clock that is put back fills nothing
            left = min(most, left + max(0.0, now - since) * self._per_second)
            is_free = left >= 1
            if len(self._buckets) >= _REMEMBERED:
                self._buckets.clear()
            self._buckets[token] = (left - 1 if is_free else left, now)
        if not is_free:
            raise RequestRefusedError("api.rate.exceeded", retry_after=1)
