"""What a connector that sends through an API keeps: one effect a key, and a refusal that costs one record. Gold."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.edges.destinations.api import ApiDestination
from passerelle.edges.http.credentials import NoCredentials
from passerelle.edges.http.policy import Policy
from passerelle.testing.exchanges import Request, Response
from passerelle.testing.grades import Grade, kept
from passerelle.testing.player import Answer, Cut, on_this_machine
from passerelle.testing.reading import StageClock
from passerelle.testing.subject import Subject
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Ready

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.supplier import Send
    from passerelle.testing.grades import Check

SENDS, KEYED = "sends", "sends under keys"
_WHY_NOT = {
    SENDS: N_("It sends nothing through an API."),
    KEYED: N_("The API that it sends to knows no keys."),
}
_MOST = 4
"""Records that are sent."""


@dataclass(slots=True)
class Receiver:
    """The other side: does each key once, forgets to answer the first request, refuses one record if told to."""

    send: Send
    refused: str = ""
    """The `ref` of the record that it does not want."""
    is_forgetful: bool = False
    effects: Counter[str] = field(default_factory=Counter)
    """How often each record's key was acted upon."""
    requests: int = 0
    _done: dict[str, Response] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def hear(self, request: Request, headers: Mapping[str, str], body: bytes) -> Answer:  # noqa: ARG002  the port's
        """Act on what comes; the same key again is answered and not done."""
        with self._lock:
            self.requests += 1
            key = headers.get(self.send.key_header.lower(), "") if self.send.key_header else ""
            if not key or key not in self._done:
                self._done[key] = self._act(request.body, key)
            answer = self._done[key]
            return Cut(answer) if self.is_forgetful and self.requests == 1 else answer

    def _act(self, body: Any, key: str) -> Response:
        if self.send.lot == 1:
            status = self._one(body, key)
            return Response(status, b'{"code": "unwanted"}' if status >= 400 else b'{"id": "1"}')
        members = body.get(self.send.lot_key, [{"idempotency_key": key, "record": body}])
        results = [{"status": self._one(one["record"], one["idempotency_key"])} for one in members]
        return Response(207, json.dumps({"results": results}).encode())

    def _one(self, record: Mapping[str, Any], key: str) -> int:
        if record.get("ref") == self.refused:
            return 422
        self.effects[key] += 1
        return 201


class Delivering(Subject):
    """Checks on what goes out."""

    def why_not(self, check: Check) -> str:
        """Say why a check of this kind is not asked of the connector; empty when it is."""
        send = self.connector.send
        if check.about in _WHY_NOT and send is None:
            return _WHY_NOT[SENDS]
        if check.about == KEYED and send and not send.key_header:
            return _WHY_NOT[KEYED]
        return super().why_not(check)

    def ready(self) -> Ready:
        """Make a batch of what the nominal sample gives."""
        lines = self.taken(self.nominal).records
        contract = lines[0]["contract"]
        records = [line["record"] for line in lines if line["contract"] == contract][:_MOST]
        bodies = [json.dumps(record).encode() for record in records]
        keys = [sha256(body).hexdigest() for body in bodies]
        frame = pl.DataFrame({"ref": [record["ref"] for record in records]})
        return Ready("conformance", contract, BatchKey("0" * 64, 0), frame, bodies, keys, [1] * len(keys))

    def sent(self, ready: Ready, receiver: Receiver) -> list[Fate]:
        """Send a batch as a run does."""
        with on_this_machine(receiver) as address:
            door = ApiDestination(
                address, send=receiver.send, credentials=NoCredentials(), policy=Policy(), clock=StageClock()
            )
            try:
                return [answer.fate for answer in door.deliver(ready)]
            finally:
                door.close()

    def receiver(self) -> Receiver:
        """Stand on the other side."""
        send = self.connector.send
        assert send
        return Receiver(send)

    @kept(Grade.GOLD, N_("What is sent again is done once: the same key comes with it."), about=KEYED)
    def test_what_is_sent_again_is_done_once(self) -> None:
        """The first answer is lost on the way, and the whole batch comes a second time, as after a crash."""
        receiver, ready = self.receiver(), self.ready()
        receiver.is_forgetful = True
        for _time in range(2):
            assert set(self.sent(ready, receiver)) == {Fate.DELIVERED}
        assert receiver.requests > len(receiver.effects) / receiver.send.lot
        assert set(receiver.effects.values()) == {1}
        assert len(receiver.effects) == len(ready)

    @kept(Grade.GOLD, N_("A record that the other side refuses costs no other record."), about=SENDS)
    def test_a_refused_record_costs_no_other(self) -> None:
        """One of the batch is refused with a code; the others are delivered."""
        receiver, ready = self.receiver(), self.ready()
        receiver.refused = ready.frame.get_column("ref")[-1]
        assert self.sent(ready, receiver) == [Fate.DELIVERED] * (len(ready) - 1) + [Fate.REFUSED]
