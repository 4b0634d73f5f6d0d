"""What a receiver is told of changes: thin events of CloudEvents 1.0, which hold no value of any record.

A receiver reads what changed through the API, with its token. So what a proxy or a log of the receiver keeps says
that something of a contract changed, and no more.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.api.cursors import ReadingPosition, find_ends, open_cursor, seal_cursor
from passerelle.engine.api.readings import open_reading
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.api.readings import ContractReading
    from passerelle.engine.api.record_pages import RecordPages, ServedItem
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.subscriptions import Subscription
    from passerelle.stores.tokens import ApiToken

LARGEST_BATCH = 100
_TYPE = "fr.passerelle"
REPLAY, BEGINS, GOES_ON = "", "begins", "goes on"
"""Among the positions of a subscription, under the name of no contract: how far a replay is."""


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Some events of a subscription, and how far it is once they are taken."""

    subscription: Subscription = field(repr=False)
    events: tuple[dict[str, Any], ...]
    positions: Mapping[str, str] = field(repr=False)
    readings: Sequence[tuple[ContractReading, Sequence[tuple[str, ...]]]] = field(default=(), repr=False)
    """By contract whom the records of its events name, where events name records."""

    @property
    def id(self) -> str:
        """Return the id of the message: the same for the same events, and for no others.

        Those of another subscription, and those that are told anew, are others: a receiver leaves out what comes under
        an id that it knows.
        """
        named = "\n".join(f"{event['source']} {event['id']}" for event in self.events)
        named = f"{self.subscription.id} {self.subscription.message}\n{named}"
        return hashlib.sha256(named.encode()).hexdigest()[:32]

    def encode(self) -> bytes:
        """Return the events as one JSON document."""
        return json.dumps(self.events, ensure_ascii=False, separators=(",", ":")).encode()


def collect_events(workspace: Workspace, pages: RecordPages, subscription: Subscription, token: ApiToken) -> EventBatch:
    """Return the next events of a subscription. Raises RequestRefusedError `api.cursor.expired`, `api.service.away`."""
    positions, named = dict(subscription.positions), []
    replay = positions.pop(REPLAY, "")
    events = [_make_mark(subscription, "replay", workspace.clock.now())] if replay == BEGINS else []
    is_last = True
    for contract in subscription.terms.contracts:
        # the last one may be the end of a replay
        room = LARGEST_BATCH - len(events) - bool(replay)
        reading = _open_reading(workspace, pages, subscription, token, contract)
        if reading is None:
            continue
        if room <= 0:
            is_last = False
            break
        position = _find_position(workspace, reading, subscription)
        page = pages.read_changes(reading, position, room)
        is_last &= page.is_last
        told = subscription.told + count_numbered(events) + 1
        events += [
            _write_event(workspace, subscription, reading, item, nth) for nth, item in enumerate(page.items, told)
        ]
        positions[contract] = seal_cursor(workspace.seal, reading, page.position)
        if subscription.terms.tells_refs:
            named.append((reading, [item.subjects for item in page.items if item.body is not None]))
    if replay and is_last:
        events.append(_make_mark(subscription, "replayed", workspace.clock.now()))
    elif replay:
        positions[REPLAY] = GOES_ON
    return EventBatch(subscription, tuple(events), positions, named)


def count_numbered(events: Sequence[Mapping[str, Any]]) -> int:
    """Return how many events are about records: those that stand around them have no number."""
    return sum("sequence" in event for event in events)


def _make_mark(subscription: Subscription, kind: str, now: datetime) -> dict[str, Any]:
    """Return the event before, or behind, everything that is told anew: what is not told between them is gone."""
    return {
        "specversion": "1.0",
        # the same when the message comes again
        "id": f"{subscription.id}:{kind}:{subscription.message}",
        "source": "/v1/subscriptions",
        "type": f"{_TYPE}.{kind}",
        "time": now.isoformat(),
    }


def find_present_positions(
    workspace: Workspace, pages: RecordPages, subscription: Subscription, token: ApiToken, *, from_start: bool = False
) -> dict[str, str]:
    """Return the positions behind all that is on the shelves now, or before it."""
    positions = {}
    for contract in subscription.terms.contracts:
        if (reading := _open_reading(workspace, pages, subscription, token, contract)) is not None:
            ends = find_ends(reading)
            # before the first number: unlike a reader that begins, this one may have what was removed, and is told
            position = ReadingPosition(dict.fromkeys(ends, -1), ends) if from_start else ReadingPosition(ends)
            positions[contract] = seal_cursor(workspace.seal, reading, position)
    return positions


def make_signal(subscription: Subscription, kind: str, now: datetime, data: Mapping[str, str]) -> EventBatch:
    """Return the event of a handshake or of a sign of life."""
    event = {
        "specversion": "1.0",
        "id": f"{subscription.id}:{kind}:{now.timestamp():.6f}",
        "source": "/v1/subscriptions",
        "type": f"{_TYPE}.{kind}",
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    return EventBatch(subscription, (event,), subscription.positions)


def _open_reading(
    workspace: Workspace, pages: RecordPages, subscription: Subscription, token: ApiToken, contract: str
) -> ContractReading | None:
    """Return what its token reads of a contract; None when nothing of it is kept any more."""
    try:
        return open_reading(workspace, pages.shelf, token, Purpose(subscription.terms.purpose), contract)
    except RequestRefusedError:
        return None


def _find_position(workspace: Workspace, reading: ContractReading, subscription: Subscription) -> ReadingPosition:
    cursor = subscription.positions.get(reading.id)
    if cursor is None:  # its shelf came after the subscription: everything on it is new
        ends = find_ends(reading)
        return ReadingPosition(dict.fromkeys(ends, 0), ends)
    return open_cursor(workspace.seal, reading, cursor)


def _write_event(
    workspace: Workspace, subscription: Subscription, reading: ContractReading, item: ServedItem, nth: int
) -> dict[str, Any]:
    change = item.change
    if change is None:
        raise ValueError(item)  # pages of changes always have it
    name, _slash, version = reading.id.partition("/")
    # the name of a shelf holds that of a flow, which may name a supplier; two receivers see no name that they share
    # its number stays inside: gaps between numbers would tell how much is withheld from this receiver
    place = f"{subscription.id}\n{change.shelf}\n{change.number}".encode()
    own = workspace.seal.compute_mac("api/event", place).hex()[:32]
    subject = item.ref
    if not subscription.terms.tells_refs:
        about = f"{subscription.id}\n{item.ref}".encode()
        subject = workspace.seal.compute_mac("api/subject", about).hex()[:32]
    return {
        "specversion": "1.0",
        "id": own,
        "source": f"/v1/{reading.id}",
        "type": f"{_TYPE}.{name}.{version}.{'deleted' if item.body is None else 'changed'}",
        "subject": subject,
        "time": change.at.isoformat(),
        # CloudEvents' extension «sequence»: compared as text, and without gaps: what a receiver lacks it has missed
        "sequence": f"{nth:020}",
    }
