"""What would be sent, as a difference with what the destination has: new, changed and in which fields, unchanged."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.documents.workbook_reader import open_rows
from passerelle.engine.ledger import Ledger
from passerelle.engine.leftover import nothing_refused
from passerelle.engine.pipeline import examine
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.replay import decode_replay
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.engine.assembly import Line
    from passerelle.engine.leftover import Refused
    from passerelle.stores.depot import Depot
    from passerelle.vocabulary.parcels import Decoded, Ready

    Body = dict[str, Any]
    Before = dict[str, Body]

MOST = 20_000
"""Changed records whose fields are compared; of what is beyond, only the number is told. Memory: their bodies."""
REPLAY = "replay"
_TAKEN = Answer(Fate.DELIVERED)
_SIGNED = "source"
"""Where a record comes from is no part of what it says."""


@dataclass(slots=True)
class Change:
    """What would change at the destination for one contract."""

    new: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    """In how many changed records each field differs."""
    reread: int = 0
    """Changed records in which no field differs: the same file, read by this version of the connector."""
    uncompared: int = 0
    """Changed records whose earlier content is no longer kept, or that are too many."""


@dataclass(slots=True)
class Diary:
    """A destination that sends nothing, and notes what it was given; what cannot be written is refused as in a run."""

    line: Line
    see: Callable[[Mapping[str, Any]], None] = lambda _line: None
    """Is shown every record, with its values, that would be sent."""
    refused: Refused = nothing_refused
    """Says which records have no place in what would be written."""
    changes: dict[str, Change] = field(default_factory=dict)
    _waiting: dict[tuple[str, str], Before] = field(default_factory=dict, repr=False)
    """Changed records by the parcel that brought their earlier content and by contract, then by ref."""
    _held: int = 0

    def deliver(self, ready: Ready) -> list[Answer]:
        """Note a batch."""
        change = self.changes.setdefault(ready.contract, Change())
        refs = ready.frame.get_column("ref").to_list()
        refused = self.refused(ready)
        taken = [index for index in range(len(ready)) if index not in refused]
        changed = [index for index in taken if ready.versions[index] > 1]
        places = {refs[index]: index for index in changed}
        change.new += len(taken) - len(changed)
        change.changed += len(changed)
        change.uncompared += len(changed) - len(places)
        self._hold(ready, places, change)
        for index in taken:
            if ready.versions[index] == 1:
                self.see({"contract": ready.contract, "change": "new", "record": _body(ready, index)})
        return [refused.get(index, _TAKEN) for index in range(len(ready))]

    def close(self) -> None:
        """Nothing is open."""

    def compare(self, depot: Depot, kinds: Mapping[str, str]) -> None:
        """Read the earlier content of what changed, where it is still kept, and note which fields differ.

        `kinds` says of each parcel whether it was supplied or comes back from quarantine.
        """
        for (digest, contract), waiting in self._waiting.items():
            before = self._earlier(depot, digest, kinds.get(digest, ""), contract, waiting)
            for ref, body in waiting.items():
                self._note(contract, before.get(ref), body)
        self._waiting.clear()

    def _hold(self, ready: Ready, places: Mapping[str, int], change: Change) -> None:
        """Keep changed records until their earlier content is read."""
        memory = self.line.memory
        keys = dict(zip(places, memory.seal.pseudonyms("ref", places), strict=True))
        known = memory.journal.known(memory.flow, ready.contract, list(keys.values())) if keys else {}
        for ref, index in places.items():
            earlier = known.get(keys[ref])
            if earlier is None or self._held >= MOST:
                change.uncompared += 1
                self.see({"contract": ready.contract, "change": "changed", "record": _body(ready, index)})
                continue
            self._waiting.setdefault((earlier.parcel, ready.contract), {})[ref] = _body(ready, index)
            self._held += 1

    def _earlier(self, depot: Depot, digest: str, kind: str, contract: str, waiting: Before) -> Before:
        """Read a parcel again, for some of its records; empty when it is gone or can no longer be read."""
        found: Before = {}
        if not depot.has(digest):
            return found
        try:
            for decoded in self._decoded(depot, digest, kind):
                found |= self._examined(decoded, contract, waiting)
        except PasserelleError:
            return {}
        return found

    def _decoded(self, depot: Depot, digest: str, kind: str) -> Iterator[Decoded]:
        blocks = self.line.blocks
        with depot.open(digest) as stream:
            if kind == REPLAY:
                yield from decode_replay(stream, block_rows=blocks.rows)
            else:
                dialect = self.line.connector.dialect
                yield from decode(
                    stream, dialect, block_bytes=blocks.bytes, block_rows=blocks.rows, open_workbook=open_rows
                )

    def _examined(self, decoded: Decoded, contract: str, waiting: Before) -> Before:
        bodies: Before = {}
        for records in examine(decoded, self.line.route, Ledger(decoded.table.member)):
            if records.contract == contract:
                frame = records.frame.filter(pl.col("ref").is_in(list(waiting)))
                made = canonical.records(frame, contracts.get(contract))
                bodies |= dict(zip(frame.get_column("ref").to_list(), made, strict=True))
        return bodies

    def _note(self, contract: str, before: Body | None, body: Body) -> None:
        change = self.changes[contract]
        shown = {"contract": contract, "change": "changed", "record": body}
        if before is None:
            change.uncompared += 1
            self.see(shown)
            return
        after = {name: value for name, value in body.items() if name != _SIGNED}
        differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        change.fields.update(differing)
        change.reread += not differing
        self.see({**shown, "before": {name: before.get(name) for name in differing}})


def _body(ready: Ready, index: int) -> Body:
    made: Body = json.loads(ready.bodies[index])
    return made
