"""How much of a flow is worked on before it is the next one's turn; by itself, a flow is worked on to its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class FlowSlice:
    """Batches and seconds of one turn. What was begun is finished: a slice ends between two batches."""

    def __init__(
        self,
        batches: float = float("inf"),
        seconds: float = float("inf"),
        *,
        collects: bool = True,
        is_ending: Callable[[], bool] = lambda: False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin a turn. `is_ending`: whether the process was asked to end; `collects`: whether the source is asked."""
        self.collects = collects
        self._batches = batches
        self._until = now() + seconds
        self._is_ending = is_ending
        self._now = now
        self._done = 0

    def count(self) -> None:
        """Count one batch."""
        self._done += 1

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be begun."""
        if self._is_ending():
            return True
        # a turn whose source took all its time still does one batch: else a flow would never get on
        return self._done > 0 and (self._done >= self._batches or self._now() >= self._until)
