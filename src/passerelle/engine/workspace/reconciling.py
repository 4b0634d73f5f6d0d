"""Reconciles the journal with a destination that is not where the journal says: one of them was restored or lost.

A journal of yesterday takes for «unchanged» what the destination got a newer state of since. Where versions differ,
the content that the journal knows is forgotten: the record is delivered again the next time a parcel has it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.engine.log import log
from passerelle.stores.known import FORGOTTEN
from passerelle.stores.settlement import DeliveredRecords
from passerelle.vocabulary.handle_texts import write_handle_texts
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.ports import VersionedDestination

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from passerelle.engine.records.record_comparison import KnownRecords
    from passerelle.stores.journal import OpenParcel
    from passerelle.vocabulary.parcels import BatchKey
    from passerelle.vocabulary.ports import Destination


_FORGOTTEN_BYTE = FORGOTTEN[0]


def reconcile(
    destination: Destination, known_records: KnownRecords, entries: Sequence[OpenParcel], contracts: Iterable[str]
) -> int:
    """Forget the contents of records whose version at the destination is not the known one; return how many they are.

    Nothing is read but the last batch while both agree. The batch that a killed process delivered and did not settle
    is no disagreement: it comes again with the same keys. `entries` are delivered now, one or several together.
    """
    if not isinstance(destination, VersionedDestination):
        return 0
    flow, journal = known_records.flow, known_records.journal
    there, settled = destination.find_last_batch(flow), journal.find_last_delivered(flow)
    if settled is None or there == settled:
        return 0  # a journal that knows of no delivery has no content to forget
    if there is not None and (_is_next(there, entries) or _is_of_group(there, settled, entries, known_records)):
        return 0
    forgotten = sum(
        _forget_contents(known_records, entries[0].parcel.key, records)
        for contract in contracts
        for records in _iter_differing(destination, known_records, contract, is_blank=there is None)
    )
    log("destination_reconciled", flow=flow, count=forgotten)
    return forgotten


def _forget_contents(known_records: KnownRecords, parcel: str, records: DeliveredRecords) -> int:
    known_records.journal.forget_contents(known_records.flow, parcel, records)
    return len(records.versions)


def _iter_differing(
    destination: VersionedDestination, known_records: KnownRecords, contract: str, *, is_blank: bool
) -> Iterator[DeliveredRecords]:
    """Yield what differs between both, with contents that are like no other and the later version of the two.

    Whatever comes next is then another content, and gets the version after both. `is_blank`: the destination knows of
    no batch of the flow. Without a row of the contract it was emptied, or is another one: then it has nothing that is
    known. Single rows that are missing are left: whoever keeps the destination may have deleted them.
    """
    ref_keys_of, has_rows = RefKeyFinder(known_records, contract), False
    for refs, versions in destination.iter_versions(contract):
        has_rows = True
        ref_keys = ref_keys_of.find(pl.Series("ref", refs, dtype=pl.String()))
        known = known_records.journal.recall(known_records.flow, contract, ref_keys.tobytes()).versions
        theirs = np.asarray(versions, dtype=np.int64)
        differing = np.flatnonzero((known > 0) & (known != theirs))
        if len(differing):
            yield _make_forgotten(contract, ref_keys[differing], np.maximum(known, theirs)[differing])
    if is_blank and not has_rows:
        ref_keys = ref_keys_of.known_keys
        recalled = known_records.journal.recall(known_records.flow, contract, ref_keys.tobytes())
        # what was deleted there stays deleted; what is forgotten already is not counted again
        is_there = recalled.contents.any(axis=1) & (recalled.contents != _FORGOTTEN_BYTE).any(axis=1)
        gone = np.flatnonzero(is_there & (recalled.versions > 0))
        if len(gone):
            yield _make_forgotten(contract, ref_keys[gone], recalled.versions[gone])


def _make_forgotten(contract: str, ref_keys: NDArray[np.uint8], versions: NDArray[np.int64]) -> DeliveredRecords:
    return DeliveredRecords(contract, ref_keys.tobytes(), FORGOTTEN * len(versions), versions.tolist())


def _is_next(there: BatchKey, entries: Sequence[OpenParcel]) -> bool:
    """Whether a batch is one of those that come now: a killed process delivered it and did not settle it."""
    # a parcel without a name has never been delivered
    numbers = {entry.parcel.outside: entry.settled for entry in entries if entry.parcel.outside}
    done = numbers.get(there.parcel)
    return done is not None and there.number == next(nth for nth in range(len(done) + 1) if nth not in done)


def _is_of_group(
    there: BatchKey, settled: BatchKey, entries: Sequence[OpenParcel], known_records: KnownRecords
) -> bool:
    """Whether a batch was delivered together with the one settled last, or with what comes now.

    A delivery of several parcels is named by the first that has records in it, and settled for each of them.
    """
    keys = [there.parcel, settled.parcel, entries[0].parcel.key]
    groups = known_records.journal.find_groups(known_records.flow, keys)
    group = groups.get(there.parcel)
    return there.number == 0 and group is not None and group in (groups.get(settled.parcel), groups.get(keys[-1]))


@dataclass(frozen=True)
class RefKeyFinder:
    """Finds by which pseudonym the journal knows what a destination names, by its key or by a handle."""

    known_records: KnownRecords
    contract: str

    def find(self, refs: pl.Series) -> NDArray[np.uint8]:
        """Return the pseudonym of each reference, 16 bytes a reference; zeros for what this flow would not write."""
        if self.known_records.handles is None:
            return self.known_records.pseudonymise_refs(refs)
        ref_keys = self.known_records.pseudonymise_refs(refs).copy()
        # rows from before references were handles: they belong to no record that this flow keeps up to date
        ref_keys[(self.known_records.to_outside_refs(refs) != refs).to_numpy()] = 0
        texts = refs.str.split(":").list.last().alias("text").to_frame()
        places = texts.join(self._handles, on="text", how="left", maintain_order="left").get_column("place")
        named = np.flatnonzero(places.is_not_null().to_numpy())
        ref_keys[named] = self.known_keys[places.drop_nulls().to_numpy()]
        return ref_keys

    @cached_property
    def known_keys(self) -> NDArray[np.uint8]:
        """The pseudonyms of everything that was ever delivered, each once."""
        keys = self.known_records.journal.list_ref_keys(self.known_records.flow, self.contract)
        return np.unique(np.frombuffer(keys, dtype=np.uint8).reshape(-1, 16), axis=0)

    @cached_property
    def _handles(self) -> pl.DataFrame:
        """The handle of everything that was ever delivered: from a handle alone nothing leads back to its key."""
        handles = self.known_records.handles
        tags = self.known_keys if handles is None else handles.make_tags(self.known_keys)
        return pl.DataFrame({"text": write_handle_texts(tags), "place": np.arange(len(tags))})
