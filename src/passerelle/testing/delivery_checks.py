"""Gold checks of a connector that sends through an API: one effect a key, a refusal costs one record.

Records of the nominal sample go through the destination that a flow opens: composed in the supplier's words, sent to a
server on this machine, and what it answers, in the supplier's words too, is read as the connector says.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.engine.adapters import layout_destinations
from passerelle.engine.settings.endpoint_settings import SupplierDestinationSettings
from passerelle.testing.connector_under_test import ConnectorUnderTest
from passerelle.testing.document_round_trip import make_delivery, nest
from passerelle.testing.exchanges import RecordedRequest, RecordedResponse, Recording
from passerelle.testing.grades import Grade, check_for
from passerelle.testing.playback import PlaybackClock, make_secret_files, use_local_tokens
from passerelle.testing.player import Answer, Player, TruncatedResponse, serve_locally
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.edges.destinations.composed import Requests
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Send
    from passerelle.testing.grades import ConformanceCheck
    from passerelle.vocabulary.parcels import Delivery

SENDS, KEYED = "sends", "sends under keys"
_WHY_NOT = {
    SENDS: N_("It sends nothing through an API."),
    KEYED: N_("The API that it sends to knows no keys."),
}
_MOST = 4
"""Records that are sent."""
_UNWANTED = "unwanted"


@dataclass(slots=True)
class RecordReceiver:
    """A supplier's API: does each request once, may break off its first answer, may refuse the last record."""

    send: Send
    player: Player
    """Hands out tokens and asks for them."""
    made: Requests
    refuses: bool = False
    forgets: bool = False
    effects: Counter[str] = field(default_factory=Counter)
    """How often each request was acted upon."""
    heard: int = 0
    _done: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def hear(self, request: RecordedRequest, headers: Mapping[str, str], body: bytes) -> Answer:  # noqa: ARG002  the port's
        """Act on what comes; the same key again is answered, and not done."""
        if (refusal := self.player.check_credentials(request, headers)) is not None:
            return refusal
        with self._lock:
            self.heard += 1
            shown = request.to_text(self.player.member)
            key = headers.get(self.send.key_header.lower(), "") if self.send.key_header else ""
            if not key or key not in self._done:
                self._done.add(key)
                self.effects[shown] += 1
            answer = self._answer(shown)
            return TruncatedResponse(answer) if self.forgets and self.heard == 1 else answer

    def _answer(self, shown: str) -> RecordedResponse:
        last = self.made.requests[-1]
        groups = next((len(one.groups) for one in self.made.requests if _normalise(one.body) == shown), 1)
        is_last = self.refuses and shown == _normalise(last.body)
        rules = self.send.says
        if rules.results is None:
            in_words = bool(rules.refused or rules.errors)
            # A supplier that refuses in the words of its answer does so with status 200.
            body = json.dumps(self._make_result(refused=is_last)).encode()
            return RecordedResponse(422 if is_last and not in_words else 200, body)
        results = [self._make_result(refused=is_last and nth == groups - 1) for nth in range(groups)]
        return RecordedResponse(200, json.dumps(nest(rules.results, results)).encode())

    def _make_result(self, *, refused: bool) -> Any:
        """Return the result of one record, in the form of this supplier."""
        rules = self.send.says
        if not refused:
            made = nest(rules.id[0], "1") if rules.id else {}
            return _merge(made, nest(rules.status, "201 Created")) if rules.status else made
        told: dict[str, Any] = {rules.status: "422"} if rules.status else {}
        told |= {member: values[0] for member, values in rules.refused.items() if values}
        told |= {rules.errors: [_UNWANTED]} if rules.errors else {}
        whole: Any = nest(rules.code[0], _UNWANTED) if rules.code else {}
        for path, value in told.items():
            whole = _merge(whole, nest(path, value))
        return whole


def _merge(one: Any, other: Any) -> Any:
    """Put two objects together, and those of the same name inside them."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    return {**one, **{name: _merge(one[name], value) if name in one else value for name, value in other.items()}}


def _normalise(body: bytes) -> str:
    return json.dumps(json.loads(body), sort_keys=True)


class DeliveryChecks(ConnectorUnderTest):
    """Checks on what goes out."""

    def explain_absence(self, check: ConformanceCheck) -> str:
        """Return why a check of this kind is not asked of the connector; empty when it is."""
        connector = self.connector
        if check.about in _WHY_NOT and (connector.send is None or not connector.writes):
            return _WHY_NOT[SENDS]
        if check.about == KEYED and connector.send and not connector.send.key_header:
            return _WHY_NOT[KEYED]
        return super().explain_absence(check)

    def make_delivery(self) -> Delivery:
        """Make a batch of what the nominal sample gives and the connector writes."""
        lines, written = self.take_sample(self.nominal).records, [one.contract for one in self.connector.writes]
        contract = next((line["contract"] for line in lines if line["contract"] in written), "")
        records = [line["record"] for line in lines if line["contract"] == contract][:_MOST]
        assert len(records) > 1, "records"
        return make_delivery(records, contract)

    @contextmanager
    def open_receiver(self, ready: Delivery) -> Iterator[tuple[RecordReceiver, SupplierDestinationSettings, Plugins]]:
        """Run the receiving server; yield it with the destination's settings and the plugins."""
        plugins = use_local_tokens(self.among, self.connector_id)
        _supplier, connector, _info = plugins.find_connector(self.connector_id)
        assert connector.send
        with make_secret_files() as given:
            about = {"kind": "supplier", "connector": connector.id, "base_url": "http://localhost", **given}
            entry = SupplierDestinationSettings.model_validate(about)
            made = layout_destinations.make_writer(entry, connector.id, plugins).make_requests(ready, connector.send)
            assert sum(len(one.groups) for one in made.requests) > 1, "records"
            receiver = RecordReceiver(connector.send, Player(Recording(connector.id, ()), connector.access), made)
            with serve_locally(receiver) as address:
                yield receiver, entry.model_copy(update={"base_url": address}), plugins

    @check_for(Grade.GOLD, N_("What is sent again is done once: the same key comes with it."), about=KEYED)
    def test_what_is_sent_again_is_done_once(self) -> None:
        """The first answer is lost on the way, and the whole batch comes a second time, as after a crash."""
        ready = self.make_delivery()
        with self.open_receiver(ready) as (receiver, entry, plugins):
            receiver.forgets = True
            for _time in range(2):
                fates = send_batch(ready, entry, plugins)
                assert all(fates[place] is Fate.DELIVERED for one in receiver.made.requests for place in one.indexes)
        assert receiver.heard > len(receiver.made.requests)
        assert receiver.effects == Counter(_normalise(one.body) for one in receiver.made.requests)

    @check_for(Grade.GOLD, N_("A record that the other side refuses costs no other record."), about=SENDS)
    def test_a_refused_record_costs_no_other(self) -> None:
        """The last of the batch is refused, as this supplier refuses; the others are delivered."""
        ready = self.make_delivery()
        with self.open_receiver(ready) as (receiver, entry, plugins):
            receiver.refuses = True
            fates = send_batch(ready, entry, plugins)
        unwanted = set(receiver.made.requests[-1].groups[-1]) | set(receiver.made.refused)
        expected = [Fate.REFUSED if place in unwanted else Fate.DELIVERED for place in range(len(ready))]
        assert fates == expected


def send_batch(ready: Delivery, entry: SupplierDestinationSettings, plugins: Plugins) -> list[Fate]:
    """Send a batch as a run does."""
    destination = adapters.open_destination(entry, plugins, PlaybackClock(), settle_unknown=False)
    try:
        return [answer.fate for answer in destination.deliver(ready)]
    finally:
        destination.close()
