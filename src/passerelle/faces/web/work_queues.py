"""Queues of work behind the pages: each does so many things at once; what comes more waits, and knows its place.

What is short has a queue of its own, so that it never waits for what is long.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.engine.log import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_WAITING = 20
"""Things that may wait in one queue: more is a mistake, or malice."""


class QueueFullError(Exception):
    """No place became free in time, or too many wait already; `ahead`: how many were in front."""

    def __init__(self, ahead: int) -> None:
        super().__init__("full")
        self.ahead = ahead


@dataclass(eq=False, slots=True)
class WorkTicket:
    """Something that was asked for: its turn comes, or has come."""

    key: str
    """What it is: the same is not asked for twice at a time."""


@dataclass(slots=True)
class WorkQueue:
    """Does things in the order in which they were asked for, at most so many at once. What fails, fails alone."""

    most: int
    _waiting: deque[WorkTicket] = field(default_factory=deque)
    _busy: set[WorkTicket] = field(default_factory=set)
    _change: threading.Condition = field(default_factory=threading.Condition)
    _is_closed: bool = False

    def begin(self, key: str, act: Callable[[], None]) -> WorkTicket | None:
        """Have something done on a thread of its own, in its turn; None where it is asked for already, or too much."""
        with self._change:
            known = any(one.key == key for one in (*self._waiting, *self._busy))
            if known or self._is_closed or len(self._waiting) >= MOST_WAITING:
                return None
            ticket = WorkTicket(key)
            self._waiting.append(ticket)
        threading.Thread(target=self._run, args=(ticket, act), name=f"work-{key}").start()
        return ticket

    @contextmanager
    def hold_place(self, seconds: float) -> Iterator[None]:
        """Do something here and now, once its turn comes. Raises QueueFullError where it does not come in time."""
        ticket = WorkTicket("")
        with self._change:
            self._waiting.append(ticket)
            patience = seconds if len(self._waiting) <= MOST_WAITING else 0
            if not self._change.wait_for(lambda: self._is_next(ticket), patience):
                ahead = self._count_before(ticket)
                if ticket in self._waiting:
                    self._waiting.remove(ticket)
                self._change.notify_all()
                raise QueueFullError(ahead)
            self._take(ticket)
        try:
            yield
        finally:
            self._free(ticket)

    def count_before(self, ticket: WorkTicket) -> int:
        """Return how many things come before one; 0 once its turn has come."""
        with self._change:
            return self._count_before(ticket)

    def wait(self) -> None:
        """Wait until everything that was asked for is done."""
        with self._change:
            self._change.wait_for(lambda: not self._waiting and not self._busy)

    def close(self) -> None:
        """Let go of what still waits, and wait for what goes on."""
        with self._change:
            self._is_closed = True
            self._waiting.clear()
            self._change.notify_all()
            self._change.wait_for(lambda: not self._busy)

    def _run(self, ticket: WorkTicket, act: Callable[[], None]) -> None:
        with self._change:
            self._change.wait_for(lambda: ticket not in self._waiting or self._is_next(ticket))
            if ticket not in self._waiting:
                return
            self._take(ticket)
        try:
            act()
        except Exception as error:  # noqa: BLE001  nobody else hears of a fault on this thread
            log("queued_work_failed", error=error)
        finally:
            self._free(ticket)

    def _is_next(self, ticket: WorkTicket) -> bool:
        return len(self._busy) < self.most and bool(self._waiting) and self._waiting[0] is ticket

    def _take(self, ticket: WorkTicket) -> None:
        self._waiting.remove(ticket)
        self._busy.add(ticket)
        self._change.notify_all()

    def _free(self, ticket: WorkTicket) -> None:
        with self._change:
            self._busy.remove(ticket)
            self._change.notify_all()

    def _count_before(self, ticket: WorkTicket) -> int:
        return self._waiting.index(ticket) + len(self._busy) if ticket in self._waiting else 0
