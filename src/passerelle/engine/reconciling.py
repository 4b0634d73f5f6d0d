"""Reconciles the journal with a destination that is not where the journal says: one of them was restored or lost.

A journal of yesterday takes for «unchanged» what the destination got a newer state of since. Where versions differ,
the content that the journal knows is forgotten: the record is delivered again the next time a parcel has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.engine.log import log
from passerelle.stores.known import FORGOTTEN
from passerelle.stores.settlement import DeliveredRecords
from passerelle.vocabulary.ports import VersionedDestination

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.engine.record_comparison import KnownRecords
    from passerelle.stores.journal import OpenParcel
    from passerelle.vocabulary.ports import Destination


def reconcile(
    destination: Destination, known_records: KnownRecords, entry: OpenParcel, contracts: Iterable[str]
) -> int:
    """Forget the contents of records whose version at the destination is not the known one; return how many they are.

    Nothing is read but the last batch while both agree. The batch that a killed process delivered and did not settle
    is no disagreement: it comes again with the same keys.
    """
    if not isinstance(destination, VersionedDestination):
        return 0
    flow, journal = known_records.flow, known_records.journal
    there, settled = destination.find_last_batch(flow), journal.find_last_delivered(flow)
    pending = next(number for number in range(len(entry.settled) + 1) if number not in entry.settled)
    killed = there is not None and (there.parcel, there.number) == (entry.parcel.key, pending)
    if settled is None or there == settled or killed:
        return 0  # a journal that knows of no delivery has no content to forget
    forgotten = 0
    for contract in contracts:
        for refs, versions in destination.iter_versions(contract):
            ref_keys = known_records.pseudonymise_refs(pl.Series(refs, dtype=pl.String()))
            known = journal.recall(flow, contract, ref_keys.tobytes()).versions
            theirs = np.asarray(versions, dtype=np.int64)
            differing = np.flatnonzero((known > 0) & (known != theirs))
            if len(differing):
                # whatever comes next is another content, and gets the version after both
                contents = FORGOTTEN * len(differing)
                ahead = np.maximum(known, theirs)[differing].tolist()
                records = DeliveredRecords(contract, ref_keys[differing].tobytes(), contents, ahead)
                journal.forget_contents(flow, entry.parcel.key, records)
                forgotten += len(differing)
    log("destination_reconciled", flow=flow, count=forgotten)
    return forgotten
