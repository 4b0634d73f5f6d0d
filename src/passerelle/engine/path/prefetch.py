"""Bounded prefetching: a producer thread makes the next items while the consumer uses this one, in the same order."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import field
from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
_PATIENCE = 0.1
"""Seconds after which the thread checks whether its items are still wanted."""
_NO_MORE = object()


class _Failure:
    """An exception raised while making an item; it is raised again where the item would have been used."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


@contextmanager
def prefetch(items: Iterable[T], depth: int) -> Iterator[Iterator[T]]:
    """Yield an iterator over the items, at most `depth` of them made, or being made, beforehand.

    A depth of 0 makes each when it is asked for. What making an item raises comes after the items before it. When the
    context ends nothing is made any more. Items are large: nothing here holds one that is not waiting or in use.
    """
    if depth < 1:
        yield iter(items)
        return
    buffer = BoundedBuffer(Semaphore(depth))
    context = copy_context()  # the stopwatch and the language in use are context variables
    thread = Thread(target=lambda: context.run(buffer.fill, iter(items)), name="prefetch", daemon=True)
    thread.start()
    try:
        yield buffer.iter_items()
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

    def fill(self, items: Iterator[Any]) -> None:
        """Put items until there are no more, or nobody wants them. Called in the producer thread."""
        try:
            while self.wait_for_place():
                self.items.put(next(items))
        except StopIteration:
            self.items.put(_NO_MORE)
        except BaseException as error:  # noqa: BLE001  it is raised again in the thread that uses the items
            self.items.put(_Failure(error))

    def iter_items(self) -> Iterator[Any]:
        """Yield the items in order, and raise what making one raised. Called in the consumer thread."""
        while (item := self.take()) is not _NO_MORE:
            if isinstance(item, _Failure):
                raise item.error
            yield item
            del item  # batches are large: none may be held while the next one is awaited
