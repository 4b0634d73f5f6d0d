"""A destination that is a supplier's API in its own form: it sends composed requests and reads the responses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from passerelle.edges.destinations.answers import REFUSALS, check_reply
from passerelle.edges.destinations.own_answers import FindUnmapped, find_nothing_unmapped
from passerelle.edges.destinations.response_rules import ResponseRules, find_results, read_response
from passerelle.edges.http.concurrent import map_in_order
from passerelle.edges.http.failure import UnansweredError
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from passerelle.edges.http.client import HttpClient
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.ports import Reply

_GONE = frozenset({404, 410})
_UNKNOWN = Answer(Fate.UNKNOWN, "deliver.answer.missing")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its body, and the places in the batch of the records in it, one tuple a result."""

    groups: tuple[tuple[int, ...], ...]
    body: bytes = field(repr=False)
    method: str
    path: str = field(repr=False)
    """May hold the supplier's own id of a record."""
    one: bool = False
    """The path holds such an id: «not found» is then about the record."""

    @property
    def indexes(self) -> tuple[int, ...]:
        """Return the indexes in the batch of all its records."""
        return tuple(index for group in self.groups for index in group)


@dataclass(frozen=True, slots=True)
class Requests:
    """A batch, composed: its requests in order, and the records that have no place in any."""

    requests: Sequence[Request]
    refused: Mapping[int, Answer] = field(default_factory=dict)
    unmapped: FindUnmapped = find_nothing_unmapped
    """Finds the values of the other records that have no place in their request."""


Compose = Callable[["Delivery"], Requests]
"""Composes the requests of a batch: the same batch always gives the same."""


class ComposedDestination:
    """Sends composed requests, several at once, those about the same record one after the other.

    `settle_unknown` makes what was sent without a usable answer UNKNOWN instead of raising TransientError.
    """

    def __init__(
        self,
        client: HttpClient,
        compose: Compose,
        responses: ResponseRules,
        *,
        in_flight: int,
        key_header: str,
        settle_unknown: bool,
    ) -> None:
        self._client = client
        self._compose = compose
        self._responses = responses
        self._in_flight = in_flight
        self._key_header = key_header
        self._settle_unknown = settle_unknown

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Send the requests of a batch and return one answer a record."""
        composed = self._compose(delivery)
        answers = dict(composed.refused)

        def send_and_read(request: Request) -> dict[int, Answer]:
            return self._settle(request, delivery)

        for wave in _cut_waves(composed.requests, delivery):
            for answered in map_in_order(send_and_read, wave, in_flight=self._in_flight):
                answers |= answered
        hit_failpoint("deliver.answered")
        answers |= {index: replace(answers[index], unmapped=names) for index, names in composed.unmapped().items()}
        return [answers[index] for index in range(len(delivery))]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _settle(self, request: Request, delivery: Delivery) -> dict[int, Answer]:
        reply = self._send(request, delivery)
        if reply is None:
            return dict.fromkeys(request.indexes, _UNKNOWN)
        results: list[Any] | None
        if reply.status in REFUSALS or (request.one and reply.status in _GONE):
            # A refusal speaks of the whole request: each of its records bears it.
            results = [_parse_reply(reply)] * len(request.groups)
        else:
            check_reply(reply)
            results = find_results(self._responses, _parse_reply(reply), len(request.groups))
        if results is None:
            raise FlowError("incident.destination.unclear")
        return {
            index: read_response(self._responses, result, status=reply.status, first=delivery.versions[index] == 1)
            for group, result in zip(request.groups, results, strict=True)
            for index in group
        }

    def _send(self, request: Request, delivery: Delivery) -> Reply | None:
        """Send; None when it was sent, no usable answer came, and that is to be settled as unknown."""
        keys = [delivery.keys[index] for index in request.indexes]
        key = keys[0] if len(keys) == 1 else sha256("\n".join(keys).encode("ascii")).hexdigest()
        hit_failpoint("deliver.before")
        try:
            reply = self._client.send(request.method, request.path, request.body, key_header=self._key_header, key=key)
        except UnansweredError:
            if self._settle_unknown:
                return None
            raise
        hit_failpoint("deliver.sent")
        return reply


def _cut_waves(requests: Sequence[Request], delivery: Delivery) -> list[list[Request]]:
    """Cut requests into waves: none holds a record twice, and later versions come in later waves."""
    refs = delivery.frame.get_column("ref").to_list()
    turns: Counter[str] = Counter()
    waves: list[list[Request]] = []
    for request in requests:
        own_refs = {refs[index] for index in request.indexes}
        turn = max((turns[ref] for ref in own_refs), default=0)
        # Added, for it is a Counter: a record that was ahead may leave a wave out, and never shares one.
        turns.update(dict.fromkeys(own_refs, turn + 1 - min((turns[ref] for ref in own_refs), default=0)))
        while len(waves) <= turn:
            waves.append([])
        waves[turn].append(request)
    return waves


def _parse_reply(reply: Reply) -> Any:
    try:
        # What is no JSON names nothing: the status of the answer is then all there is to read.
        return reply.json() if reply.content.strip() else None
    except TransientError:
        return None
