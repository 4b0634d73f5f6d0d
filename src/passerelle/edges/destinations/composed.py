"""An API that takes records in a supplier's own words: requests come composed, answers are read as it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from passerelle.edges.destinations.answers import REFUSALS
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
    """It does: «not found» then speaks of the record."""

    @property
    def indexes(self) -> tuple[int, ...]:
        """List the places of all its records."""
        return tuple(index for group in self.groups for index in group)


@dataclass(frozen=True, slots=True)
class Requests:
    """What becomes of a batch: its requests in order, and the records that have no place in any."""

    requests: Sequence[Request]
    refused: Mapping[int, Answer] = field(default_factory=dict)
    unmapped: FindUnmapped = find_nothing_unmapped
    """Finds the values of the other records that have no place in their request."""


Compose = Callable[["Delivery"], Requests]
"""Composes the requests of a batch: the same batch always gives the same."""


class ComposedDestination:
    """Sends what was composed, several requests at once, those about the same record one after the other.

    `settle_unknown` makes what was sent without a usable answer UNKNOWN instead of raising TransientError.
    """

    def __init__(
        self,
        client: HttpClient,
        compose: Compose,
        says: ResponseRules,
        *,
        in_flight: int,
        key_header: str,
        settle_unknown: bool,
    ) -> None:
        self._client = client
        self._compose = compose
        self._says = says
        self._in_flight = in_flight
        self._key_header = key_header
        self._settle_unknown = settle_unknown

    def deliver(self, ready: Delivery) -> list[Answer]:
        """Send the batch's requests and say what became of each record."""
        made = self._compose(ready)
        answers = dict(made.refused)

        def settled(request: Request) -> dict[int, Answer]:
            return self._settle(request, ready)

        for wave in _waves(made.requests, ready):
            for found in map_in_order(settled, wave, in_flight=self._in_flight):
                answers |= found
        hit_failpoint("deliver.answered")
        answers |= {index: replace(answers[index], unmapped=names) for index, names in made.unmapped().items()}
        return [answers[index] for index in range(len(ready))]

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _settle(self, request: Request, ready: Delivery) -> dict[int, Answer]:
        reply = self._ask(request, ready)
        if reply is None:
            return dict.fromkeys(request.indexes, _UNKNOWN)
        results: list[Any] | None
        if reply.status in REFUSALS or (request.one and reply.status in _GONE):
            results = [_document(reply)] * len(request.groups)
        else:
            _check(reply)
            results = find_results(self._says, _document(reply), len(request.groups))
        if results is None:
            raise FlowError("incident.destination.unclear")
        return {
            index: read_response(self._says, result, status=reply.status, first=ready.versions[index] == 1)
            for group, result in zip(request.groups, results, strict=True)
            for index in group
        }

    def _ask(self, request: Request, ready: Delivery) -> Reply | None:
        """Send; None when it was sent, no usable answer came, and that is to be settled as unknown."""
        keys = [ready.keys[index] for index in request.indexes]
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


def _waves(requests: Sequence[Request], ready: Delivery) -> list[list[Request]]:
    """Cut so that no wave holds a record twice; its later versions come in later waves."""
    refs = ready.frame.get_column("ref").to_list()
    turns: Counter[str] = Counter()
    waves: list[list[Request]] = []
    for request in requests:
        mine = {refs[index] for index in request.indexes}
        turn = max((turns[ref] for ref in mine), default=0)
        turns.update(dict.fromkeys(mine, turn + 1 - min((turns[ref] for ref in mine), default=0)))
        while len(waves) <= turn:
            waves.append([])
        waves[turn].append(request)
    return waves


def _check(reply: Reply) -> None:
    if reply.status >= 400:
        raise FlowError("incident.destination.misaddressed", status=str(reply.status))
    if "html" in reply.headers.get("content-type", "").lower():
        # a sign-in page of something in between answers 200 to everything
        raise UnansweredError("incident.supplier.garbled")


def _document(reply: Reply) -> Any:
    try:
        return reply.json() if reply.content.strip() else None
    except TransientError:
        return None
