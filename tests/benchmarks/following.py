"""What who reads and follows a shelf waits for, and what a change costs that many follow.

For `shelves.py`. A real server over a real shelf, and a real receiver, all on this machine. A page is timed as its
client sees it, pages of one record and of a hundred in turn; a change until the receiver has it, each put as soon as
the one before arrived.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import event

sys.path.insert(0, str(Path(__file__).parent.parent))

from event_receiver import receive_events
from live_api_room import FLOW, make_visit, open_api, write_canonical

from passerelle import contracts
from passerelle.engine.api.record_pages import RecordPages
from passerelle.engine.api.subscription_acts import SubscriptionRequest, add_subscription, begin_subscription
from passerelle.faces.web.api.local_api import _notify_until
from passerelle.stores.settlement import ShelfEntries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from event_receiver import EventReceiver
    from live_api_room import ApiRoom

    from passerelle.engine.workspace.assembly import Workspace

VISIT = "visit/1"
_LONGEST = 30.0
"""Seconds until an event that did not arrive is held to be lost."""
_TRIES = 4
_WRITES = ("INSERT", "UPDATE", "DELETE")


def measure(records: int, looks: int, changes: int, subscriptions: int) -> dict[str, float]:
    """Measure all three; return what is told."""
    with tempfile.TemporaryDirectory() as folder, open_api(Path(folder), is_real=True) as api:
        _put(api.workspace, records)
        pages = _time_pages(api, looks)
        with receive_events() as receiver:
            _subscribe(api, receiver)
            late = _time_changes(api.workspace, receiver, changes)
            alone = _count_writes(api.workspace)
            for _one in range(subscriptions - 1):
                _subscribe(api, receiver)
            many = _count_writes(api.workspace)
    return {
        "page_ratio": pages[100] / pages[1],
        "page_of_1_ms": pages[1] * 1_000,
        "page_of_100_ms": pages[100] * 1_000,
        "webhook_p95": late[len(late) * 95 // 100],
        "webhook_median": statistics.median(late),
        "writes_of_a_change": alone,
        "writes_ratio": many / alone,
    }


def _put(workspace: Workspace, count: int, version: int = 1) -> None:
    visits = [make_visit(number) for number in range(count)]
    refs = [visit["ref"] for visit in visits]
    lines = [write_canonical(contracts.get(VISIT), visit) for visit in visits]
    keys = b"".join(workspace.seal.pseudonymise_each("ref", refs))
    entries = ShelfEntries(VISIT, "portability", keys, refs, [version] * count, lines)
    workspace.shelf.put(FLOW, [entries], workspace.clock.now())


def _time_pages(api: ApiRoom, looks: int) -> dict[int, float]:
    """Return the median seconds of a page, by its size."""
    spent: dict[int, list[float]] = {1: [], 100: []}
    with api.ask(VISIT) as client:
        for _look in range(looks):
            for size, times in spent.items():
                begun = time.perf_counter()
                page = client.get(f"/v1/{VISIT}", params={"limit": size}).raise_for_status()
                times.append(time.perf_counter() - begun)
                if len(page.json()["records"]) != size:
                    raise ValueError(size)
    return {size: statistics.median(times) for size, times in spent.items()}


def _subscribe(api: ApiRoom, receiver: EventReceiver) -> None:
    """Let the receiver follow: each subscription under a secret of its own, of which the receiver checks the first."""
    if not api.workspace.api.list_tokens():
        api.make_token(VISIT)
    asked = SubscriptionRequest(token=api.workspace.api.list_tokens()[-1].id, url=receiver.url)
    number, _secret = add_subscription(api.workspace, asked, why="agenda of the bench", who="bench")
    begin_subscription(api.workspace, RecordPages(api.workspace.shelf), number, who="bench")


def _time_changes(workspace: Workspace, receiver: EventReceiver, changes: int) -> list[float]:
    """Return the seconds from each change to its event, sorted."""
    late = []
    with _notify(workspace):
        for nth in range(changes):
            begun = time.perf_counter()
            _put(workspace, 1, version=2 + nth)
            while len(receiver.events) <= nth:
                if time.perf_counter() - begun > _LONGEST:
                    raise TimeoutError
                time.sleep(0.005)
            late.append(time.perf_counter() - begun)
    return sorted(late)


@contextmanager
def _notify(workspace: Workspace) -> Iterator[None]:
    """Tell subscribers what changed, as `serve` does, until the context ends."""
    is_over = threading.Event()
    telling = threading.Thread(target=_notify_until, args=(workspace, is_over))
    telling.start()
    try:
        yield
    finally:
        is_over.set()
        telling.join()


def _count_writes(workspace: Workspace) -> int:
    """Return how many statements write when one record changes: the fewest of some tries, for some merge piles."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if statement.lstrip().upper().startswith(_WRITES):
            found.append(statement)

    def count() -> int:
        found.clear()
        _put(workspace, 1, version=1_000)
        return len(found)

    engine = workspace.shelf._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        return min(count() for _try in range(_TRIES))
    finally:
        event.remove(engine, "before_cursor_execute", note)
