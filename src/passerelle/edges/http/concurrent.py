"""Several calls at once, and no more than promised: results in order, an early stop when the other side is down.

Threads over the one client, not a second, asynchronous one: deadline, retries, credentials and address checks exist
once. With at most some tens of requests in flight the network is what one waits for.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_order(work: Callable[[Item], Result], items: Sequence[Item], *, in_flight: int) -> list[Result]:
    """Do `work` on every item, `in_flight` at a time; results in the order of the items.

    The first exception cancels what is queued, lets what is in flight end, and is raised. What was answered until then
    is lost on purpose: the same keys come again.
    """
    if len(items) <= 1 or in_flight <= 1:
        return [work(item) for item in items]
    line = _Line(work, items)
    with ThreadPoolExecutor(min(in_flight, len(items)), thread_name_prefix="passerelle-http") as pool:
        try:
            wait([pool.submit(line.serve) for _thread in range(min(in_flight, len(items)))])
        finally:
            line.queue.clear()
    return line.collect_results()


class _Line(Generic[Item, Result]):
    """Items that wait for the next free thread: a task for each of many small calls would cost too much."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> None:
        self._work = work
        self.queue = deque(enumerate(items))
        """Taken from by all threads: a deque is safe for that."""
        self._done: dict[int, Result] = {}
        self._faults: dict[int, BaseException] = {}

    def serve(self) -> None:
        """Do one after the other until nothing is left, or something went wrong."""
        while self.queue:
            try:
                index, item = self.queue.popleft()
            except IndexError:  # another thread took the last one in between
                return
            try:
                self._done[index] = self._work(item)
            except BaseException as fault:  # noqa: BLE001  it is raised again in the thread that waits
                self._faults[index] = fault
                self.queue.clear()

    def collect_results(self) -> list[Result]:
        """Return the results, in order. Raises the first error, in the order of the items."""
        if self._faults:
            raise self._faults[min(self._faults)]
        return [self._done[index] for index in range(len(self._done))]
