"""Measures where the time of a run goes, stage by stage; costs next to nothing unless a stopwatch is open."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import field
from threading import Lock, local
from typing import TYPE_CHECKING, TypeVar, cast

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
STAGES = ("decode", "translate", "validate", "gate", "encode", "compare", "deliver", "settle", "waiting")
"""In the order in which a batch passes them; `waiting`: delivery has no prepared batch yet."""
_NO_MORE = object()
_open: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)


@dataclass(slots=True)
class TimeSpent:
    """Seconds by the clock, and of one processor; stages inside another are not counted twice.

    What polars does on threads of its own is in the clock's seconds and in the processor's total, not in `cpu`.
    """

    wall: float = 0.0
    cpu: float = 0.0

    def add(self, wall: float, cpu: float) -> None:
        """Add time."""
        self.wall += wall
        self.cpu += cpu


@dataclass(slots=True)
class Stopwatch:
    """Adds up the time of stages, of all threads."""

    stages: dict[str, TimeSpent] = field(default_factory=lambda: {name: TimeSpent() for name in STAGES})
    _lock: Lock = field(default_factory=Lock)
    _mine: local = field(default_factory=local)
    _began: tuple[float, float] = field(default_factory=lambda: (time.perf_counter(), time.process_time()))

    @property
    def total(self) -> TimeSpent:
        """Return what the process has used since this began; less than the sum of stages, as two threads overlap."""
        return TimeSpent(time.perf_counter() - self._began[0], time.process_time() - self._began[1])

    @contextmanager
    def time_stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        stack: list[TimeSpent] = self._mine.__dict__.setdefault("stack", [])
        inside, wall, cpu = TimeSpent(), time.perf_counter(), time.thread_time()
        stack.append(inside)
        try:
            yield
        finally:
            stack.pop()
            wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
            with self._lock:
                self.stages[name].add(wall - inside.wall, cpu - inside.cpu)
            if stack:
                stack[-1].add(wall, cpu)


@contextmanager
def measure_run() -> Iterator[Stopwatch]:
    """Measure the stages of what is done inside, in this thread and those that take its context along."""
    watch = Stopwatch()
    token = _open.set(watch)
    try:
        yield watch
    finally:
        _open.reset(token)


@contextmanager
def time_stage(name: str) -> Iterator[None]:
    """Measure what happens inside as a stage; do nothing without an open stopwatch."""
    watch = _open.get()
    if watch is None:
        yield
        return
    with watch.time_stage(name):
        yield


def time_each(name: str, items: Iterable[T]) -> Iterator[T]:
    """Yield the items, and measure the making of each as a stage."""
    waiting = iter(items)
    while True:
        with time_stage(name):
            item = next(waiting, _NO_MORE)
        if item is _NO_MORE:
            return
        yield cast("T", item)
        del item  # batches are large
