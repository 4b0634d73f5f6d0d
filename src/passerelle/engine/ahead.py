"""Working ahead: the next items are made on a thread of their own while this one is used, in the same order."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import copy_context
from queue import Empty, Full, Queue
from threading import Event, Thread
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
    """Lend the items, at most `depth` of them waiting to be used. A depth of 0 makes each when it is asked for.

    What making an item raises comes after the items before it. When the context ends nothing is made any more.
    """
    if depth < 1:
        yield iter(items)
        return
    made: Queue[Any] = Queue(depth)
    unwanted = Event()
    context = copy_context()
    thread = Thread(target=lambda: context.run(_make, items, made, unwanted), name="ahead", daemon=True)
    thread.start()
    try:
        yield _used(made)
    finally:
        unwanted.set()
        thread.join()


def _make(items: Iterable[T], made: Queue[Any], unwanted: Event) -> None:
    try:
        for item in items:
            if not _hand_over(item, made, unwanted):
                return
    except BaseException as error:  # noqa: BLE001  it is raised again in the thread that uses the items
        _hand_over(_Failure(error), made, unwanted)
    else:
        _hand_over(_NO_MORE, made, unwanted)


def _hand_over(item: object, made: Queue[Any], unwanted: Event) -> bool:
    while not unwanted.is_set():
        try:
            made.put(item, timeout=_PATIENCE)
        except Full:
            continue
        return True
    return False


def _used(made: Queue[Any]) -> Iterator[T]:
    while (item := _next(made)) is not _NO_MORE:
        if isinstance(item, _Failure):
            raise item.error
        yield item


def _next(made: Queue[Any]) -> Any:
    while True:
        try:
            return made.get(timeout=_PATIENCE)  # with a time-out, so that Ctrl-C is heard
        except Empty:
            continue
