"""A live API with a shelf in memory, and a receiver on this machine that is told what changes on it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from event_receiver import receive_events
from live_api_room import make_visit, open_api
from turned_clock import TurnedClock

from passerelle.engine.api.event_sending import send_events
from passerelle.engine.api.record_pages import RecordPages
from passerelle.engine.api.subscription_acts import SubscriptionRequest, add_subscription, begin_subscription

if TYPE_CHECKING:
    from pathlib import Path

VISIT = "visit/1"
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


class Room:
    """A live API with a shelf in memory, and a receiver that follows it."""

    def __init__(self, api, receiver, clock):
        self.api, self.receiver, self.clock = api, receiver, clock
        self.workspace, self.shelf = api.workspace, api.shelf
        self.pages = RecordPages(api.shelf)

    def subscribe(self, *, begins: bool = True, **about) -> int:
        self.api.make_token()
        token = self.workspace.api.list_tokens()[-1].id
        asked = SubscriptionRequest(token=token, url=self.receiver.url, **about)
        number, secret = add_subscription(self.workspace, asked, why="agenda du service", who="marie")
        self.receiver.secret = secret
        if begins:
            begin_subscription(self.workspace, self.pages, number, who="marie")
        return number

    def put(self, *numbers: int, **fields) -> None:
        for number in numbers:
            self.shelf.put_record(VISIT, make_visit(number, **fields))

    def send(self):
        return send_events(self.workspace, self.pages)

    def find(self, number: int):
        return self.workspace.api.find_subscription(number)


@contextmanager
def open_room(folder: Path):
    clock = TurnedClock(NOON)
    with open_api(folder, clock=clock) as api, receive_events() as receiver:
        api.shelf.put_record(VISIT, make_visit(99))
        yield Room(api, receiver, clock)
