"""The batches of several small parcels, joined into one table: what a stage costs, it costs once for all of them.

Each parcel keeps its own ledger, and so its own books.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.engine.groups.joined_unsaid import find_joined_unsaid
from passerelle.engine.groups.parcel_seams import ParcelSeams
from passerelle.engine.path.pipeline import check_records, translate_batch
from passerelle.engine.path.record_joining import join_records
from passerelle.engine.records.ledger import Ledger
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import DecodedBatch
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.groups.group_member import GroupMember
    from passerelle.engine.groups.joined_unsaid import JoinedUnsaid
    from passerelle.engine.groups.parcel_seams import Indexes
    from passerelle.engine.path.flow_policy import FlowPolicy
    from passerelle.engine.records.record_origins import RecordOrigins
    from passerelle.stages.gate.gating import GateResult
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.parcels import Records


@dataclass(frozen=True, slots=True)
class JoinedPile:
    """The records of one contract that may be delivered, in the order of the parcels."""

    records: Records
    unsaid: JoinedUnsaid


@dataclass(frozen=True, slots=True)
class JoinedBatch:
    """The batches of several parcels, prepared together: each is the only batch of its parcel."""

    members: Sequence[GroupMember]
    origins: RecordOrigins
    ledgers: tuple[Ledger, ...]
    """One for each parcel."""
    piles: Sequence[JoinedPile]
    """At most one for each contract."""
    deletions: Indexes
    """The parcels that announce deletions, by their index."""

    def find_end(self, *, is_plain: bool) -> int:
        """Return how many of the parcels, from the first on, may be delivered together.

        A parcel that announces deletions goes alone. So does one that brings a ref again, behind the parcel that
        brought it before: what becomes of that one decides what is compared. `is_plain`: nothing can become of it but
        that it is written; then only fields that are left as they are make a difference.
        """
        end = int(self.deletions.min(initial=len(self.members)))
        for pile in self.piles:
            if is_plain and pile.unsaid.fields is None:
                continue
            frame = pile.records.frame.select(
                pl.col("ref"), pl.Series("nth", self.origins.find_parcels(pile.records.frame.get_column(ROW)))
            )
            again = frame.filter(pl.col("nth") > pl.col("nth").min().over("ref")).get_column("nth")
            end = int(again.to_numpy().min(initial=end))
        return end


def prepare_joined(members: Sequence[GroupMember], policy: FlowPolicy) -> JoinedBatch:
    """Translate, validate and gate the batches of several parcels of one member at once."""
    batches = [policy.selection.narrow(member.batch) for member in members]
    seams = ParcelSeams.of(batches)
    table = seams.join_tables()
    # every place by itself: a limit for all parcels together would count what is wrong in one in another's books
    translation = policy.selection.choose(translate_batch(DecodedBatch(0, table), policy, each_place=True))
    shared = Ledger(table.member, silent=policy.doubts.silent)
    shared.set_aside(translation.aside)
    shared.warn(translation.warned)
    gated = [check_records(records, table, policy, shared) for records in translation.records]
    ledgers = tuple(Ledger(table.member, silent=policy.doubts.silent) for _batch in batches)
    # The rows of a batch first, then what the stages say, in the order of the stages: as for a batch of its own.
    for ledger, batch in zip(ledgers, batches, strict=True):
        ledger.received += len(batch.aside)
        ledger.set_aside(batch.aside)
        ledger.warn(batch.warned)
    seams.restore_items(shared, ledgers)
    # Who is named is remembered by flow, and not by parcel.
    ledgers[0].subjects = shared.subjects
    _count_received(translation, seams, ledgers)
    for result in gated:
        _count_withheld(result, seams, ledgers)
    origins = seams.make_origins(table, [member.entry.parcel for member in members])
    piles = [
        JoinedPile(records, find_joined_unsaid(records, origins, members))
        for records in join_records([result.records for result in gated])
    ]
    gone = [seams.find_parcels(frame.get_column(ROW)) for _contract, frame in translation.deleted]
    return JoinedBatch(members, origins, ledgers, piles, np.concatenate([np.zeros(0, dtype=np.int64), *gone]))


def _count_received(translation: Translation, seams: ParcelSeams, ledgers: Sequence[Ledger]) -> None:
    """Count for each parcel what came in, as `Translation.received` does for one; deletions are delivered alone."""
    rows = [records.frame.get_column(ROW) for records in translation.records]
    rows.append(pl.Series([item.row for item in translation.aside], dtype=pl.UInt32))
    for counts in map(seams.count, rows):
        for ledger, count in zip(ledgers, counts.tolist(), strict=True):
            ledger.received += count


def _count_withheld(result: GateResult, seams: ParcelSeams, ledgers: Sequence[Ledger]) -> None:
    """Count for each parcel the values that may not go."""
    if not result.withheld.width:
        return
    counts = result.withheld.sum_horizontal()
    nth = seams.find_parcels(result.records.frame.get_column(ROW))
    by_parcel = np.bincount(nth, weights=counts.to_numpy(), minlength=len(ledgers))
    for ledger, count in zip(ledgers, by_parcel.tolist(), strict=True):
        ledger.withheld_values += round(count)
