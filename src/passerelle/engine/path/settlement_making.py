"""Draws up what the journal has to write of a batch whose records were delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.records.quarantine_items import make_quarantine_items
from passerelle.engine.stopwatch import time_stage
from passerelle.stores.settlement import Settlement
from passerelle.vocabulary.parcels import BatchKey

if TYPE_CHECKING:
    from passerelle.engine.path.parcel_run import ParcelRun
    from passerelle.engine.records.ledger import Ledger
    from passerelle.vocabulary.parcels import DecodedBatch


def make_settlement(ledger: Ledger, decoded: DecodedBatch, parcel_run: ParcelRun) -> Settlement:
    """Return what the journal has to write of a batch of a parcel: its books, and what waits in quarantine."""
    with time_stage("settle"):
        now = parcel_run.clock.now()
        return Settlement(
            flow=parcel_run.flow,
            run=parcel_run.run,
            batch=BatchKey(parcel_run.parcel.key, decoded.number),
            balance=ledger.make_balance(),
            reasons=dict(ledger.causes),
            quarantined=make_quarantine_items(ledger.aside, decoded.table, now, parcel_run.retention_days),
            delivered=tuple(ledger.known),
            forgotten=tuple(ledger.forgotten),
            shelved=tuple(ledger.shelved),
            at=now,
        )
