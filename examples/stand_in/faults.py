"""Which request goes wrong, and how: drawn from the seed, so that every run has the same accidents."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What happens to a request."""

    NONE = "none"
    BEFORE = "before"
    """500, and nothing was done."""
    AFTER = "after"
    """500, although the effect was recorded: only the idempotency key can tell the sender."""
    CUT = "cut"
    """The effect was recorded and the connection is cut: no answer at all."""


_ACCIDENTS = (Fault.BEFORE, Fault.AFTER, Fault.CUT)


@dataclass(slots=True)
class Faults:
    """Draws a fault for each attempt at a subject (a record's ref, a page). Never two in a row for one subject."""

    seed: int
    share: float
    """Share of the first attempts that go wrong, from 0 to 1."""
    _attempts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def draw(self, subject: str) -> Fault:
        """Say what happens to this attempt."""
        with self._lock:
            self._attempts[subject] += 1
            attempt = self._attempts[subject]
        if attempt % 2 == 0:
            return Fault.NONE
        number = int.from_bytes(hashlib.sha256(f"{self.seed}:{attempt}:{subject}".encode()).digest()[:8], "big")
        share, accident = divmod(number, len(_ACCIDENTS))
        return _ACCIDENTS[accident] if share * len(_ACCIDENTS) / 2**64 < self.share else Fault.NONE
