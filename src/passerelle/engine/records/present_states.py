"""Finds, among records that come by again, those whose very state the destination has: what a shelf is filled with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passerelle.engine.records.record_comparison import encode_bodies, make_shelf_pile
from passerelle.engine.records.record_origins import RecordOrigins
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from passerelle.engine.records.record_comparison import KnownRecords
    from passerelle.stores.settlement import ShelfEntries
    from passerelle.vocabulary.parcels import Parcel, Records, TextTable


def find_present_states(
    records: Records, table: TextTable, parcel: Parcel, known_records: KnownRecords
) -> ShelfEntries:
    """Return the records that the destination has as they are here, for the shelf of their flow.

    What was delivered otherwise since, deleted, or never taken is left out.
    """
    ref_keys = known_records.pseudonymise_refs(records.frame.get_column("ref"))
    before = known_records.journal.recall(known_records.flow, records.contract, ref_keys.tobytes())
    outside = known_records.to_outside(records, ref_keys)
    told = known_records.tell_origins(RecordOrigins.of(table, parcel))
    tails = told.encode_tails(records.frame.get_column(ROW), known_records.supplied_by, ())
    bodies, tail_sizes = encode_bodies(outside, tails)
    contents = known_records.pseudonymise_contents(bodies.iter_without_tails(tail_sizes))
    present = np.flatnonzero(before.there & (before.contents == contents).all(axis=1))
    pile = make_shelf_pile(known_records, (records, outside), ref_keys, bodies, tails).select(present)
    return pile.make_entries(records.contract, before.versions[present].tolist())
