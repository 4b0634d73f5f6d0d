"""What would be sent, as a difference with what the destination has: new, changed and in which fields, unchanged."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.edges.destinations.own_answers import answer_records
from passerelle.engine.batch_stream import prepare_batches
from passerelle.engine.previewing import preview_nothing
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from passerelle.engine.assembly import OpenFlow
    from passerelle.engine.previewing import Preview
    from passerelle.stores.depot import Depot
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery, Records

    Body = dict[str, Any]
    Before = dict[str, Body]

MOST = 20_000
"""Changed records whose fields are compared; of what is beyond, only the number is told. Memory: their bodies."""
_SIGNED = "source"
"""Where a record comes from is no part of what it says."""


@dataclass(slots=True)
class ContractChange:
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
class RecordingDestination:
    """A destination that sends nothing, and notes what it was given; what cannot be written is refused as in a run."""

    line: OpenFlow
    see: Callable[[Mapping[str, Any]], None] = lambda _line: None
    """Is shown every record, with its values, that would be sent."""
    preview: Preview = preview_nothing
    """Tells what has no place in what would be written."""
    changes: dict[str, ContractChange] = field(default_factory=dict)
    _waiting: dict[tuple[str, str], Before] = field(default_factory=dict, repr=False)
    """Changed records by the parcel that brought their earlier content and by contract, then by ref."""
    _held: int = 0

    def deliver(self, ready: Delivery) -> list[Answer]:
        """Note a batch."""
        change = self.changes.setdefault(ready.contract, ContractChange())
        refs = ready.frame.get_column("ref").to_list()
        preview = self.preview(ready)
        taken = [index for index in range(len(ready)) if index not in preview.refused]
        changed = [index for index in taken if ready.versions[index] > 1]
        places = {refs[index]: index for index in changed}
        change.new += len(taken) - len(changed)
        change.changed += len(changed)
        change.uncompared += len(changed) - len(places)
        self._hold(ready, places, change)
        for index in taken:
            if ready.versions[index] == 1:
                self.see({"contract": ready.contract, "change": "new", "record": _body(ready, index)})
        return answer_records(len(ready), preview.refused, preview.unmapped)

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

    def _hold(self, ready: Delivery, places: Mapping[str, int], change: ContractChange) -> None:
        """Keep changed records until their earlier content is read."""
        memory = self.line.known_records
        keys = dict(zip(places, memory.seal.pseudonymise_each("ref", places), strict=True))
        known = memory.journal.find_known(memory.flow, ready.contract, list(keys.values())) if keys else {}
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
            with depot.open(digest) as stream:
                policy, dialect = self.line.policy, self.line.connector.dialect
                for batch in prepare_batches(stream, dialect, policy, blocks=self.line.blocks, kind=kind):
                    found |= _bodies_of(batch.records, contract, waiting)
        except PasserelleError:
            return {}
        return found

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


def _bodies_of(prepared: Sequence[Records], contract: str, waiting: Before) -> Before:
    """Return the content of those records of a contract that are waited for, by ref."""
    bodies: Before = {}
    for records in prepared:
        if records.contract == contract:
            frame = records.frame.filter(pl.col("ref").is_in(list(waiting)))
            made = canonical.to_records(frame, contracts.get(contract))
            bodies |= dict(zip(frame.get_column("ref").to_list(), made, strict=True))
    return bodies


def _body(ready: Delivery, index: int) -> Body:
    made: Body = json.loads(ready.bodies[index])
    return made
