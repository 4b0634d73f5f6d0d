"""Finds what a delivery would change at the destination: new and changed records, and in which fields."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.edges.destinations.own_answers import answer_records
from passerelle.engine.adapters.previewing import preview_nothing
from passerelle.engine.adapters.whole_row_destination import RowPreview
from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.engine.path.name_columns import name_parcel
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from passerelle.engine.adapters.previewing import Preview
    from passerelle.engine.workspace.assembly import OpenFlow
    from passerelle.stores.depot import Depot
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal

    Body = dict[str, Any]
    Before = dict[str, Body]

MAX_COMPARED = 20_000
"""Changed records whose fields are compared, for their bodies are in memory; the others are only counted."""
_SIGNED = "source"
"""The field left out of comparisons: where a record comes from is no part of its content."""


@dataclass(slots=True)
class ContractChange:
    """What would change at the destination for one contract."""

    new: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    """In how many changed records each field differs."""
    reread: int = 0
    """Changed records in which no field differs once the earlier file is read by this version of the connector."""
    uncompared: int = 0
    """Changed records whose earlier content is no longer kept, or that are too many."""
    deleted: int = 0
    """Records that would be deleted."""


@dataclass(slots=True)
class RecordingDestination:
    """A destination that only records what it would send; what cannot be written is refused as in a run."""

    open_flow: OpenFlow
    on_record: Callable[[Mapping[str, Any]], None] = lambda _line: None
    """Called with every record, with its values, that would be sent."""
    preview: Preview = preview_nothing
    """Finds what has no place in what would be written."""
    changes: dict[str, ContractChange] = field(default_factory=dict)
    _waiting: dict[tuple[str, str], Before] = field(default_factory=dict, repr=False)
    """Changed records by the parcel that brought their earlier content and by contract, then by ref."""
    _waiting_count: int = 0

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Count the changes of a batch, and answer as a destination that takes everything."""
        change = self.changes.setdefault(delivery.contract, ContractChange())
        refs = delivery.frame.get_column("ref").to_list()
        preview = self.preview(delivery)
        accepted = [index for index in range(len(delivery)) if index not in preview.refused]
        changed = [index for index in accepted if delivery.versions[index] > 1]
        places = {refs[index]: index for index in changed}  # of a ref that comes twice, the last one
        change.new += len(accepted) - len(changed)
        change.changed += len(changed)
        change.uncompared += len(changed) - len(places)
        self._keep_changed(delivery, places, change)
        for index in accepted:
            if delivery.versions[index] == 1:
                self.on_record({"contract": delivery.contract, "change": "new", "record": _parse_body(delivery, index)})
        return answer_records(len(delivery), preview.refused, preview.unmapped)

    @property
    def can_withdraw(self) -> bool:
        """Whether the real destination can delete records."""
        return self.open_flow.can_withdraw

    def withdraw(self, withdrawal: Withdrawal) -> list[Answer]:
        """Count the deletions, and answer as a destination that takes them all."""
        self.changes.setdefault(withdrawal.contract, ContractChange()).deleted += len(withdrawal)
        return answer_records(len(withdrawal), {}, {})

    def close(self) -> None:
        """Nothing is open."""

    def compare(self, depot: Depot, kinds: Mapping[str, str]) -> None:
        """Read the earlier content of what changed, where it is still kept, and note which fields differ.

        `kinds` tells, by digest, a parcel that was supplied from one that is a replay.
        """
        for (digest, contract), waiting in self._waiting.items():
            before = self._read_earlier(depot, digest, kinds.get(digest, ""), contract, waiting)
            for ref, body in waiting.items():
                self._compare_fields(contract, before.get(ref), body)
        self._waiting.clear()

    def _keep_changed(self, delivery: Delivery, places: Mapping[str, int], change: ContractChange) -> None:
        """Keep changed records until their earlier content is read."""
        known_records = self.open_flow.known_records
        ref_keys = delivery.ref_keys  # `ref` may be a handle
        if ref_keys is None:
            ref_keys = known_records.pseudonymise_refs(delivery.frame.get_column("ref"))
        keys = {ref: ref_keys[index].tobytes() for ref, index in places.items()}
        earlier_records = (
            known_records.journal.find_known(known_records.flow, delivery.contract, list(keys.values())) if keys else {}
        )
        for ref, index in places.items():
            earlier = earlier_records.get(keys[ref])
            if earlier is None or self._waiting_count >= MAX_COMPARED:
                change.uncompared += 1
                self.on_record(
                    {"contract": delivery.contract, "change": "changed", "record": _parse_body(delivery, index)}
                )
                continue
            self._waiting.setdefault((earlier.parcel, delivery.contract), {})[ref] = _parse_body(delivery, index)
            self._waiting_count += 1

    def _read_earlier(self, depot: Depot, digest: str, kind: str, contract: str, waiting: Before) -> Before:
        """Read a parcel again, for some of its records; empty when it is gone or can no longer be read."""
        earlier: Before = {}
        if not depot.has(digest):
            return earlier
        try:
            with depot.open(digest) as stream:
                policy, dialect = name_parcel(self.open_flow.policy, depot, digest), self.open_flow.connector.dialect
                for batch in prepare_batches(stream, dialect, policy, blocks=self.open_flow.blocks, kind=kind):
                    for records in batch.records:
                        if records.contract == contract:
                            outside = self.open_flow.known_records.to_outside(records)
                            frame = outside.frame.filter(pl.col("ref").is_in(list(waiting)))
                            bodies = canonical.to_records(frame, contracts.get(contract))
                            earlier |= dict(zip(frame.get_column("ref").to_list(), bodies, strict=True))
        except PasserelleError:  # bytes that today's connector refuses: their records stay uncompared
            return {}
        return earlier

    def _compare_fields(self, contract: str, before: Body | None, body: Body) -> None:
        change = self.changes[contract]
        change_line = {"contract": contract, "change": "changed", "record": body}
        if before is None:
            change.uncompared += 1
            self.on_record(change_line)
            return
        after = {name: value for name, value in body.items() if name != _SIGNED}
        unsaid = (body.get(_SIGNED) or {}).get("unsaid", ())  # these stay at the destination as they are
        differing = [name for name in {**before, **after} if before.get(name) != after.get(name) and name not in unsaid]
        change.fields.update(differing)
        change.reread += not differing
        self.on_record({**change_line, "before": {name: before.get(name) for name in differing}})


def _parse_body(delivery: Delivery, index: int) -> Body:
    body: Body = json.loads(delivery.bodies[index])
    return body


@dataclass(slots=True)
class RecordingRowDestination(RecordingDestination):
    """The same, where records of several contracts share a row: what becomes of them is known by batch."""

    def begin_batch(self, contents: Sequence[tuple[Delivery, pl.DataFrame]]) -> None:
        """Join the records of all contracts of a batch."""
        if isinstance(self.preview, RowPreview):
            self.preview.batch.begin(contents)


def make_recording(
    flow: OpenFlow, on_record: Callable[[Mapping[str, Any]], None], preview: Preview
) -> RecordingDestination:
    """Return the destination that only records what a flow would send."""
    kind = RecordingRowDestination if isinstance(preview, RowPreview) else RecordingDestination
    return kind(flow, on_record, preview)
