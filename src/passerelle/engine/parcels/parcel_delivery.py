"""One parcel on its way: its batches are prepared ahead, delivered in their order, and settled one by one."""

from __future__ import annotations

from dataclasses import field, replace
from typing import IO, TYPE_CHECKING

from passerelle.engine.clock import find_local_day
from passerelle.engine.flow_slice import FlowSlice
from passerelle.engine.parcels.api_looks import observe_look
from passerelle.engine.parcels.flow_columns import FlowColumns
from passerelle.engine.parcels.whole_closing import WholeExport, make_incomplete_closing
from passerelle.engine.path.batch_stream import decode_batches, prepare_batches
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.path.name_columns import name_parcel
from passerelle.engine.path.parcel_run import ParcelRun
from passerelle.engine.path.pipeline import deliver_batch
from passerelle.engine.path.prefetch import prefetch
from passerelle.engine.settings.endpoint_settings import ApiSourceSettings
from passerelle.engine.stopwatch import time_each, time_stage
from passerelle.engine.watches.parcel_watch import AllNumbersExcept, ParcelWatch
from passerelle.engine.workspace.reconciling import reconcile
from passerelle.stores.parcels import LOOK, REPLAY, SUPPLIED
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from passerelle.engine.flow_progress import ProgressMeter
    from passerelle.engine.path.batch_stream import TranslationSpool
    from passerelle.engine.path.pipeline import PreparedBatch
    from passerelle.engine.watches.absence_watch import AbsenceWatch
    from passerelle.engine.watches.parcel_warnings import ParcelWarning
    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stores.journal import OpenParcel
    from passerelle.stores.settlement import Settlement, WholeClosing
    from passerelle.vocabulary.parcels import DecodedBatch

ATTEMPTS = 8
"""Tries without a usable answer after which what was sent is settled as unknown, for a person to look at."""


@dataclass(frozen=True, slots=True)
class DeliveredParcel:
    """A parcel whose batches are settled, and what is written when it is closed."""

    batches: int
    warnings: list[ParcelWarning]
    closing: WholeClosing | None = None
    earlier_list: str = ""
    """Digest of the sealed list that no longer counts then."""


@dataclass(frozen=True, slots=True)
class ParcelDelivery:
    """The delivery of one parcel in one run of its flow."""

    workspace: Workspace
    open_flow: OpenFlow
    run: int
    entry: OpenParcel
    meter: ProgressMeter
    turn: FlowSlice = field(default_factory=FlowSlice)

    def deliver(self) -> DeliveredParcel | None:
        """Deliver and settle every batch not yet settled; return what closing the parcel has to write.

        None when the turn of the flow ended before: what is left of the parcel waits for the next one.
        """
        entry, whole = self.entry, self.open_whole()
        if entry.kind == LOOK:
            return self.deliver_look(whole)
        absence = self.open_absence_watch()
        absence.check_beforehand()
        parcel_run = self.start_run(self.open_watch(whole), absence)
        delivered = self.deliver_batches(parcel_run, absence, whole)
        if delivered is None:
            return None
        batches = len(entry.settled) + delivered
        if entry.absent == "empty":
            # the answer was that these columns are no more: the next parcel need not ask again
            self.workspace.journal.forget_columns(self.open_flow.flow, absence.list_gone())
        self.meter.finish_parcel(entry.parcel.size)
        warnings = parcel_run.watch.list_warnings()
        if whole is None:
            return DeliveredParcel(batches, warnings)
        return DeliveredParcel(batches, warnings, whole.close(parcel_run, batches), whole.earlier_list)

    def deliver_batches(self, parcel_run: ParcelRun, absence: AbsenceWatch, whole: WholeExport | None) -> int | None:
        """Deliver and settle every batch not yet settled; return how many these were, None when the turn ended."""
        entry, workspace, count = self.entry, self.workspace, 0
        with workspace.depot.open(entry.parcel.digest) as stream:
            work = self.prepare(stream, entry.settled, columns=absence, spool=self.open_spool())
            # Of `jobs` batches one is being delivered here; the others are prepared on the other thread.
            with prefetch(work, self.open_flow.jobs - 1) as prepared:
                empty: list[Settlement] = []
                for batch in time_each("waiting", prepared):
                    if self.turn.is_spent:
                        self.settle(*empty)
                        return None
                    hit_failpoint("decode.batch")
                    if whole is not None and batch.present is not None:
                        whole.watch.observe(batch.present)
                    if batch.records or batch.deleted:
                        # Of what a kill leaves unsettled, a destination must find its last batch next in turn.
                        self.settle(*empty)
                        empty.clear()
                    # Delivered before it is settled: a kill in between delivers again, with the same keys.
                    settlement = absence.add_columns(deliver_batch(batch, parcel_run), batch.decoded.table)
                    hit_failpoint("settle.before")
                    # Of a shared parcel most batches may hold nothing for this flow: they are settled with the next.
                    if settlement.is_empty:
                        empty.append(settlement)
                    else:
                        self.settle(*empty, settlement)
                        empty.clear()
                    absence.note_columns(settlement)
                    self.meter.add(settlement.balance, batch.decoded.consumed)
                    self.turn.count()
                    count += 1
                    del batch, settlement  # before the next one is waited for: batches are large
                self.settle(*empty)
        return count

    def settle(self, *settlements: Settlement) -> None:
        """Settle batches in one transaction."""
        if settlements:
            with time_stage("settle"):
                self.workspace.journal.settle(*settlements)

    def deliver_look(self, whole: WholeExport | None) -> DeliveredParcel:
        """Compare a look with the one before; nothing else is in it. Without the setting by now, it says nothing."""
        if whole is None:
            return DeliveredParcel(0, [])
        parcel_run = self.start_run(self.open_watch(None))
        is_complete = observe_look(self.workspace, self.open_flow, self.entry.parcel.digest, whole.watch)
        closing = whole.close(parcel_run, 0) if is_complete else make_incomplete_closing(parcel_run)
        return DeliveredParcel(0, [], closing, whole.earlier_list)

    def start_run(self, watch: ParcelWatch, absence: AbsenceWatch | None = None) -> ParcelRun:
        """Return the run of a parcel, once journal and destination agree on what was delivered."""
        open_flow, workspace, entry = self.open_flow, self.workspace, self.entry
        destination = open_flow.open_destination(settle_unknown=entry.attempts >= ATTEMPTS)
        contracts = dict.fromkeys(table.table.contract for table in open_flow.policy.plan.tables)
        reconcile(destination, open_flow.known_records, [entry], contracts)
        open_flow.known_records.begin_names(destination)
        return ParcelRun(
            flow=open_flow.flow,
            run=self.run,
            parcel=entry.parcel,
            policy=open_flow.policy,
            known_records=open_flow.known_records,
            destination=destination,
            clock=workspace.clock,
            retention_days=workspace.settings.retention_days,
            watch=watch,
            is_late=open_flow.known_records.order is None and self.is_late(),
            is_replay=entry.kind == REPLAY or entry.is_again,
            absence=absence,
        )

    def open_absence_watch(self) -> AbsenceWatch:
        """Return the watch over the columns of a parcel, which knows those that the flow had before."""
        flow, entry = self.open_flow, self.entry

        def read_parcel() -> Iterator[DecodedBatch]:
            blocks = Blocks(entry.parcel.block_bytes, entry.parcel.block_rows)
            with self.workspace.depot.open(entry.parcel.digest) as stream:
                yield from decode_batches(stream, flow.connector.dialect, blocks=blocks, kind=entry.kind)

        before = self.workspace.journal.list_columns_met(flow.flow)
        return FlowColumns.of(flow, entry.kind).watch(entry, before, read_parcel)

    def is_late(self) -> bool:
        """Whether a newer parcel was taken before this one, which was not taken again on purpose."""
        entry = self.entry
        is_plain = entry.kind != REPLAY and entry.parcel.redelivers is None
        return is_plain and self.workspace.journal.is_late(self.open_flow.flow, entry.parcel.key)

    def open_whole(self) -> WholeExport | None:
        """Return what watches a whole export: a file, or a complete look at an API; None for any other parcel."""
        entry = self.entry
        is_api = isinstance(self.open_flow.settings.source, ApiSourceSettings)
        if entry.kind != (LOOK if is_api else SUPPLIED) or entry.is_again:
            return None
        whole = WholeExport.of(self.workspace, self.open_flow, entry.parcel.received_at)
        if whole is not None:
            whole.is_late = self.is_late()
        return whole

    def open_watch(self, whole: WholeExport | None) -> ParcelWatch:
        """Return the watch over a parcel as a whole, which has seen the batches that an earlier run settled."""
        open_flow, policy, entry = self.open_flow, self.open_flow.policy, self.entry
        plan = policy.selection.restrict_plan(policy.plan)
        watch = ParcelWatch.for_flow(plan, open_flow.known_records, silent=policy.doubts.silent)
        if (watch.is_needed or whole is not None) and entry.settled:
            with self.workspace.depot.open(entry.parcel.digest) as stream:
                spool = self.open_spool()
                # An incomplete spool would be filled to its end: this look reads no further than what is settled.
                readable = spool if spool is not None and spool.is_complete else None
                for batch in self.prepare(stream, AllNumbersExcept(entry.settled), spool=readable):
                    watch.observe_faults(batch.ledger)
                    for records in batch.records:
                        watch.observe(records, batch.decoded.table)
                    if whole is not None and batch.present is not None:
                        whole.watch.observe(batch.present)
        return watch

    def prepare(
        self,
        stream: IO[bytes],
        skip: Container[int],
        *,
        columns: AbsenceWatch | None = None,
        spool: TranslationSpool | None = None,
    ) -> Iterator[PreparedBatch]:
        """Yield the prepared batches of a parcel, but for the numbers in `skip`."""
        entry = self.entry
        # The block sizes of its registration, not those of today: batch numbers must mean the same after a restart.
        blocks = Blocks(entry.parcel.block_bytes, entry.parcel.block_rows)
        received_on = find_local_day(entry.parcel.received_at, self.open_flow.settings.zone)
        dialect, policy = self.open_flow.connector.dialect, self.open_flow.policy
        policy = replace(policy, setting=replace(policy.setting, received_on=received_on))
        policy = name_parcel(policy, self.workspace.depot, entry.parcel.digest)
        return prepare_batches(
            stream, dialect, policy, blocks=blocks, kind=entry.kind, skip=skip, drift=columns, spool=spool
        )

    def open_spool(self) -> TranslationSpool | None:
        """Return the spool that the flow shares with others, if any; never for a replay, which is of one flow only."""
        entry = self.entry
        return None if entry.kind == REPLAY else self.open_flow.open_spool(entry.parcel)
