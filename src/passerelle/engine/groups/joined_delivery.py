"""Delivers the records of several parcels together, and enters what became of each in the ledger of its parcel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.engine.records.answer_recording import record_answers
from passerelle.engine.records.record_comparison import compare_joined
from passerelle.engine.records.version_order import name_column
from passerelle.engine.stopwatch import time_stage
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from passerelle.engine.groups.group_watches import GroupWatches
    from passerelle.engine.groups.joined_batch import JoinedBatch, JoinedPile
    from passerelle.engine.records.record_comparison import BatchComparison, KnownRecords
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.ports import Destination


@dataclass(frozen=True, slots=True)
class JoinedDelivery:
    """The delivery of a joined batch: one delivery for each contract."""

    joined: JoinedBatch
    destination: Destination
    known_records: KnownRecords
    watches: GroupWatches
    late: Container[int]
    """Parcels, by index, of which a newer one was taken before, where nothing orders the states of a record."""

    def deliver(self) -> None:
        """Deliver all records. Raises what the destination raises."""
        for watch, ledger in zip(self.watches.watches, self.joined.ledgers, strict=True):
            watch.observe_faults(ledger)
        for pile in self.joined.piles:
            self._observe(pile)
            with time_stage("compare"):
                unsaid = pile.unsaid.fields
                comparison = compare_joined(pile.records, self.joined.origins, self.known_records, unsaid=unsaid)
            self._count_unsent(pile, comparison)
            # A destination asked to take no records would write an empty file or send an empty request.
            if len(comparison.delivery):
                origins = self.joined.origins
                nth = np.unique(origins.find_parcels(comparison.delivery.frame.get_column(ROW)))
                self.known_records.keep_names(origins.parcels[place] for place in nth.tolist())
                with time_stage("deliver"):
                    answers = self.destination.deliver(comparison.delivery)
                self._record_answers(pile, comparison, answers)

    def _observe(self, pile: JoinedPile) -> None:
        if not self.watches.watches[0].is_needed:
            return
        for nth, start, end in self._iter_parts(pile.records.frame):
            part = replace(pile.records, frame=self._renumber(nth, pile.records.frame[start:end]))
            self.watches.observe(nth, part, self.joined.members[nth].batch.table)

    def _iter_parts(self, frame: pl.DataFrame) -> Iterator[tuple[int, int, int]]:
        """Yield the parcels that have records, with the first of their places and the one behind the last.

        Records stand in the order of the rows, and so of the parcels.
        """
        nth = self.joined.origins.find_parcels(frame.get_column(ROW))
        starts = np.flatnonzero(np.diff(nth, prepend=-1))
        yield from zip(nth[starts].tolist(), starts.tolist(), [*starts[1:].tolist(), len(nth)], strict=True)

    def _renumber(self, nth: int, part: pl.DataFrame) -> pl.DataFrame:
        """Return records of one parcel with the rows of its own table."""
        first = int(np.searchsorted(self.joined.origins.nth, nth))
        return part.with_columns((pl.col(ROW) - first).cast(pl.UInt32))

    def _count_unsent(self, pile: JoinedPile, comparison: BatchComparison) -> None:
        """Count for each parcel what need not be delivered; remember what is only confirmed."""
        changes, contract = comparison.changes, pile.records.contract
        for nth, start, end in self._iter_parts(pile.records.frame):
            ledger, part = self.joined.ledgers[nth], slice(start, end)
            duplicate = int(changes.duplicate[part].sum())
            ledger.count(Fate.UNCHANGED, int(changes.same[part].sum()) - duplicate)
            ledger.count(Fate.DUPLICATE, duplicate)
            ledger.count_withheld("compare.record.older", contract, int(changes.older[part].sum()))
            ledger.count_withheld("whole.record.outlived", contract, int(changes.outlived[part].sum()))
            column = name_column(self.known_records.order)
            ledger.warn_of("compare.record.undated", contract, int(changes.undated[part].sum()), column=column)
            confirmed = comparison.confirm(np.arange(start, end))
            if confirmed is not None:
                ledger.known.append(confirmed)  # before what changes the same refs later

    def _record_answers(self, pile: JoinedPile, comparison: BatchComparison, answers: Sequence[Answer]) -> None:
        """Record the answers of each parcel as if it had been delivered alone."""
        delivery = comparison.delivery
        if len(answers) != len(delivery):
            message = "a destination gives one answer a record"
            raise ValueError(message)
        for nth, start, end in self._iter_parts(delivery.frame):
            ledger, frame = self.joined.ledgers[nth], delivery.frame[start:end]
            if any(answer.fate is not Fate.DELIVERED for answer in answers[start:end]):
                frame = self._renumber(nth, frame)
            own = replace(
                delivery, frame=frame, bodies=(), keys=(), versions=delivery.versions[start:end], remote_ids=()
            )
            mine = replace(
                comparison,
                delivery=own,
                ref_keys=comparison.ref_keys[start:end],
                contents=comparison.contents[start:end],
                moments=None if comparison.moments is None else comparison.moments[start:end],
                subjects=None if comparison.subjects is None else comparison.subjects[start:end],
                shelf=None if comparison.shelf is None else comparison.shelf.select(np.arange(start, end)),
            )
            if comparison.unsaid is not None:
                kept = comparison.unsaid.select(np.arange(start, end))
                ledger.warn(replace(kept, partly=pile.unsaid.partly[nth]).iter_warnings(ledger.member))
            if nth in self.late:
                ledger.warn_of("collect.parcel.older", delivery.contract, mine.count_changed())
            record_answers(answers[start:end], mine, self.joined.members[nth].batch.table, ledger)
