"""How the processor time of some work grows with its size: a ratio of two measures of the same run, on any machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 16
"""How many times larger the larger work is."""
AS_ITS_SIZE = 5 * STEP
"""What may grow by at most so much: what grows with its size needs 16 times as long, with its square 256 times; a
machine that is busy with other things measures twice too much of either."""


def measure_growth(prepare: Callable[[int], Callable[[], object]], largest: int) -> float:
    """Return how many times longer the work of `largest` takes than a sixteenth of it, each the best of three."""
    small, large = (prepare(each) for each in (largest // STEP, largest))
    small()  # what is loaded and compiled once belongs to neither
    turns = [(_take(large), _take(small)) for _turn in range(3)]
    return min(one for one, _other in turns) / min(other for _one, other in turns)


def _take(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
