"""One parcel of a flow under way: what delivering and settling its batches needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.engine.path.flow_policy import FlowPolicy
    from passerelle.engine.records.record_comparison import KnownRecords
    from passerelle.engine.watches.absence_watch import AbsenceWatch
    from passerelle.engine.watches.parcel_watch import ParcelWatch
    from passerelle.vocabulary.parcels import Parcel
    from passerelle.vocabulary.ports import Clock, Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRun:
    """One parcel being delivered: its policy, its destination, and what settling its batches needs."""

    flow: str
    run: int
    parcel: Parcel
    policy: FlowPolicy
    known_records: KnownRecords
    destination: Destination
    clock: Clock
    retention_days: int
    watch: ParcelWatch
    is_late: bool = False
    """Whether something newer was taken before it, and nothing says which of two states of a record is the newer."""
    is_replay: bool = False
    """Whether its rows were sent some time ago: they bring back nothing that was deleted since."""
    absence: AbsenceWatch | None = None
    """None: every column that is absent is empty."""
