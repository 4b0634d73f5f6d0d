"""Several calls at once, and no more than promised: results in order, an early stop when the other side is down.

Threads over the one client, not a second, asynchronous one: deadline, retries, credentials and address checks exist
once. With at most some tens of requests in flight the network is what one waits for.
"""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(work: Callable[[Item], Result], items: Sequence[Item], *, in_flight: int) -> list[Result]:
    """Do `work` on every item, `in_flight` at a time; results in the order of the items.

    The first exception cancels what is queued, lets what is in flight end, and is raised. What was answered until then
    is lost on purpose: the same keys come again.
    """
    if len(items) <= 1 or in_flight <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(in_flight, len(items)), thread_name_prefix="passerelle-http") as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return _results(futures)


def _results(futures: Sequence[Future[Result]]) -> list[Result]:
    for future in futures:
        if not future.cancelled() and (problem := future.exception()) is not None:
            raise problem
    return [future.result() for future in futures]
