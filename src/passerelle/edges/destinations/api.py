"""An HTTP API as a destination: one by one or in lots, several at once, each record under its own key."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from passerelle.edges.destinations.answers import REFUSALS, read_answer, read_lot_answers
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.concurrent import map_in_order
from passerelle.edges.http.failure import UnansweredError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.edges.http.credentials import Credentials
    from passerelle.edges.http.policy import Policy
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.ports import Clock, Reply

_UNKNOWN = Answer(Fate.UNKNOWN, "deliver.answer.missing")


class Sending(Protocol):
    """The part of `extension.supplier.Send` that is needed here: edges may not import the extension ring."""

    @property
    def path(self) -> str:
        """Path below the base URL."""
        ...

    @property
    def method(self) -> str:
        """Verb."""
        ...

    @property
    def lot(self) -> int:
        """Most records of one request; 1: one by one."""
        ...

    @property
    def lot_key(self) -> str:
        """Member that holds the list."""
        ...

    @property
    def key_header(self) -> str:
        """Header of the key; empty when the other side knows no keys."""
        ...


@dataclass(frozen=True, slots=True)
class _Item:
    """One record on its way out: its place in the batch, its key and its body."""

    index: int
    key: str
    body: bytes = field(repr=False)


class ApiDestination:
    """Sends records to one path.

    One by one, the body is the record and the key travels in `send.key_header`. In lots, the body is
    `{"<lot_key>": [{"idempotency_key": …, "record": {…}}, …]}` under a key made of the members' keys, and the answer
    says `{"results": [{"status": 201, "id": …}, {"status": 422, "code": …}, …]}`, one result a record in order, or has
    no body when the whole lot was taken. A lot refused as a whole is sent again one by one, as is each record whose
    result settles nothing.

    `settle_unknown` makes a record that was sent without a usable answer UNKNOWN instead of raising TransientError; so
    does a destination that knows no keys, because sending again could do it twice.
    """

    def __init__(
        self,
        base_url: str,
        *,
        send: Sending,
        credentials: Credentials,
        policy: Policy,
        clock: Clock,
        settle_unknown: bool = False,
    ) -> None:
        self._client = HttpClient(base_url, credentials=credentials, policy=policy, clock=clock)
        self._rules = send
        self._in_flight = policy.in_flight
        self._settle_unknown = settle_unknown or not send.key_header

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Send all records; those with the same ref one after the other, in order of version."""
        answers: dict[int, Answer] = {}
        for wave in _cut_waves(delivery):
            lots = [wave[start : start + self._rules.lot] for start in range(0, len(wave), self._rules.lot)]
            for lot, settled in zip(lots, map_in_order(self._settle, lots, in_flight=self._in_flight), strict=True):
                answers.update(zip((item.index for item in lot), settled, strict=True))
        hit_failpoint("deliver.answered")
        return [answers[index] for index in range(len(delivery))]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _settle(self, lot: Sequence[_Item]) -> list[Answer]:
        if self._rules.lot == 1:
            return [self._settle_one(item) for item in lot]
        # Joined as bytes: a body that is parsed and written anew may differ from the one its key was made of.
        members = b",".join(
            b'{"idempotency_key":"%b","record":%b}' % (item.key.encode("ascii"), item.body) for item in lot
        )
        body = b'{"%b":[%b]}' % (self._rules.lot_key.encode("ascii"), members)
        # The same members give the same key: a lot that comes again after a crash is recognised as a whole.
        lot_key = sha256("\n".join(item.key for item in lot).encode("ascii")).hexdigest()
        reply = self._send_body(body, lot_key)
        if reply is None:
            return [_UNKNOWN] * len(lot)
        # One bad record must not cost its neighbours: each is asked about alone.
        if reply.status in REFUSALS:
            return [self._settle_one(item) for item in lot]
        answers = read_lot_answers(reply, len(lot))
        return [answer or self._settle_one(item) for item, answer in zip(lot, answers, strict=True)]

    def _settle_one(self, item: _Item) -> Answer:
        reply = self._send_body(item.body, item.key)
        return read_answer(reply) if reply else _UNKNOWN

    def _send_body(self, body: bytes, key: str) -> Reply | None:
        """Send; None when it was sent, no usable answer came, and that is to be settled as unknown."""
        hit_failpoint("deliver.before")
        try:
            reply = self._client.send(
                self._rules.method,
                self._rules.path,
                body,
                key_header=self._rules.key_header,
                key=key,
            )
        except UnansweredError:
            if self._settle_unknown:
                return None
            raise
        hit_failpoint("deliver.sent")
        return reply


def _cut_waves(delivery: Delivery) -> list[list[_Item]]:
    """Cut a batch so that no wave holds a ref twice, and later waves hold later versions."""
    refs, bodies = delivery.frame.get_column("ref").to_list(), list(delivery.bodies)
    waves: list[list[_Item]] = []
    turns: Counter[str] = Counter()
    # By version, then by place: states of one record arrive in the order in which they were made.
    for index in sorted(range(len(delivery)), key=lambda place: (delivery.versions[place], place)):
        turn = turns[refs[index]]
        turns[refs[index]] += 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(_Item(index, delivery.keys[index], bodies[index]))
    return waves
