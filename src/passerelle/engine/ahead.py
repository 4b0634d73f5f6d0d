"""Working ahead: the next items are made on a thread of their own while this one is used, in the same order."""

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
def ahead(items: Iterable[T], depth: int) -> Iterator[Iterator[T]]:
    """Lend the items, at most `depth` of them made, or being made, ahead. A depth of 0 makes each when asked for it.

    What making an item raises comes after the items before it. When the context ends nothing is made any more. Items
    are large: nothing here holds one that is not waiting or in use.
    """
    if depth < 1:
        yield iter(items)
        return
    desk = _Desk(Semaphore(depth))
    context = copy_context()
    thread = Thread(target=lambda: context.run(_make, iter(items), desk), name="ahead", daemon=True)
    thread.start()
    try:
        yield _used(desk)
    finally:
        desk.unwanted.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where one thread lays down what the other takes up."""

    places: Semaphore
    made: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    unwanted: Event = field(default_factory=Event)

    def has_place(self) -> bool:
        """Wait for a place; there is none any more when nobody wants what would lie there."""
        while not self.unwanted.is_set():
            if self.places.acquire(timeout=_PATIENCE):
                return True
        return False

    def take(self) -> Any:
        """Wait for what comes next; its place is free from then on."""
        while True:
            try:
                item = self.made.get(timeout=_PATIENCE)  # with a time-out, so that Ctrl-C is heard
            except Empty:
                continue
            self.places.release()
            return item


def _make(items: Iterator[T], desk: _Desk) -> None:
    try:
        while desk.has_place():
            desk.made.put(next(items))
    except StopIteration:
        desk.made.put(_NO_MORE)
    except BaseException as error:  # noqa: BLE001  it is raised again in the thread that uses the items
        desk.made.put(_Failure(error))


def _used(desk: _Desk) -> Iterator[T]:
    while (item := desk.take()) is not _NO_MORE:
        if isinstance(item, _Failure):
            raise item.error
        yield item
        del item
