"""Signs of life for the turns that a worker has in hand: one thread for all of them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.vocabulary.turns import Fence, Turnstile


class Beats:
    """Prolongs turns while they are worked on. A turn that was overtaken is told so, and begins nothing more."""

    def __init__(self, turnstile: Turnstile, seconds: float, sign: Callable[[], None] = lambda: None) -> None:
        """`seconds`: between two signs of life. `sign` gives that of the worker itself, whatever it has in hand."""
        self._turnstile, self._seconds, self._sign = turnstile, seconds, sign
        self._held: dict[Fence, Event] = {}
        self._lock, self._end = Lock(), Event()
        self._thread = Thread(target=self._beat, name="beats", daemon=True)

    @contextmanager
    def keep_beating(self) -> Iterator[None]:
        """Prolong what is held while the context lasts."""
        self._thread.start()
        try:
            yield
        finally:
            self._end.set()
            self._thread.join()

    @contextmanager
    def hold(self, fence: Fence) -> Iterator[Event]:
        """Prolong a turn while the context lasts; the event is set once another worker overtook it."""
        lost = Event()
        with self._lock:
            self._held[fence] = lost
        try:
            yield lost
        finally:
            with self._lock:
                del self._held[fence]

    def _beat(self) -> None:
        while not self._end.wait(self._seconds):
            with suppress(PasserelleError):
                self._sign()
            with self._lock:
                held = dict(self._held)
            for fence, lost in held.items():
                try:
                    is_held = self._turnstile.holds(fence)
                except PasserelleError:
                    continue  # the database is away: the next sign of life may reach it
                if not is_held and fence in self._held:
                    lost.set()
                    log("turn_overtaken", flow=fence.key.flow, code="incident.flow.overtaken")
