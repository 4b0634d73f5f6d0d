"""Bounded prefetching: a producer thread makes the next items while the consumer uses this one, in the same order."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
_PATIENCE = 0.1
"""Seconds after which the thread looks whether anybody still wants what it makes."""
_NO_MORE = object()


class _Failure:
    """What making an item raised; it is raised again where the item would have been used."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


@contextmanager
def prefetch(items: Iterable[T], depth: int) -> Iterator[Iterator[T]]:
    """Lend the items, at most `depth` of them made, or being made, beforehand.

    A depth of 0 makes each when it is asked for. What making an item raises comes after the items before it. When the
    context ends nothing is made any more. Items are large: nothing here holds one that is not waiting or in use.
    """
    if depth < 1:
        yield iter(items)
        return
    buffer = BoundedBuffer(Semaphore(depth))
    context = copy_context()
    thread = Thread(target=lambda: context.run(_fill, iter(items), buffer), name="prefetch", daemon=True)
    thread.start()
    try:
        yield _iter_items(buffer)
    finally:
        buffer.unwanted.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class BoundedBuffer:
    """Bounded hand-over between a producer and a consumer thread."""

    places: Semaphore
    items: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    unwanted: Event = field(default_factory=Event)

    def wait_for_place(self) -> bool:
        """Wait for a free place. Return False once nobody wants further items."""
        while not self.unwanted.is_set():
            if self.places.acquire(timeout=_PATIENCE):
                return True
        return False

    def take(self) -> Any:
        """Return the next item, waiting for it; its place is free from then on."""
        while True:
            try:
                item = self.items.get(timeout=_PATIENCE)  # with a time-out, so that Ctrl-C is heard
            except Empty:
                continue
            self.places.release()
            return item


def _fill(items: Iterator[T], buffer: BoundedBuffer) -> None:
    try:
        while buffer.wait_for_place():
            buffer.items.put(next(items))
    except StopIteration:
        buffer.items.put(_NO_MORE)
    except BaseException as error:  # noqa: BLE001  it is raised again in the thread that uses the items
        buffer.items.put(_Failure(error))


def _iter_items(buffer: BoundedBuffer) -> Iterator[T]:
    while (item := buffer.take()) is not _NO_MORE:
        if isinstance(item, _Failure):
            raise item.error
        yield item
        del item
