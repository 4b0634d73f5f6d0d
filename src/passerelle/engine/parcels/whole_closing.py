"""The end of a whole export: tells what vanished, deletes it where the flow says so, seals the next list.

Nothing is deleted when more vanished than the flow allows before a person confirmed it (the parcel is held), nor when
some rows have no readable ref: they may be the very records that seem to be missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.engine.log import log
from passerelle.engine.parcels.vanished_watch import VanishedWatch, find_oldest
from passerelle.engine.path.withdrawing import IMPOSSIBLE, can_withdraw, find_delivered_refs, withdraw_records
from passerelle.engine.records.ledger import Ledger
from passerelle.stores.parcels import HELD
from passerelle.stores.settlement import Settlement, WholeClosing
from passerelle.stores.whole_lists import WholeListDraft
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey
from passerelle.vocabulary.shelf import RemovalCause

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from passerelle.engine.parcels.vanished_watch import ContractAbsences
    from passerelle.engine.path.parcel_run import ParcelRun
    from passerelle.engine.workspace.assembly import OpenFlow, Workspace

THINNED = "whole.parcel.thinned"


@dataclass(slots=True)
class WholeExport:
    """A whole export under way: its watch, and where its list goes."""

    workspace: Workspace
    open_flow: OpenFlow
    watch: VanishedWatch
    earlier_list: str = ""
    """Digest of the list that counted before; it may go when the parcel is closed."""
    is_late: bool = False
    """Whether a newer export was taken before it: what this one does not hold is of yesterday."""

    @classmethod
    def of(cls, workspace: Workspace, open_flow: OpenFlow, received_at: datetime) -> WholeExport | None:
        """Return what watches a parcel of a flow; None when its exports are not whole."""
        rule = open_flow.policy.whole
        if rule is None:
            return None
        watch = VanishedWatch(rule, WholeListDraft(open_flow.flow), received_at.date())
        return cls(workspace, open_flow, watch)

    def close(self, parcel_run: ParcelRun, number: int) -> WholeClosing:
        """Return what is to be written with the closing of the parcel; `number` is that of the batch it adds.

        Raises ParcelError `whole.parcel.held` before anything is deleted, and what the destination raises.
        """
        journal, flow, ledger = self.workspace.journal, self.open_flow.flow, Ledger("")
        parcel_id = journal.get_parcel_number(flow, parcel_run.parcel.key)
        row = journal.find_whole_list(flow)
        if row is not None and (self.is_late or row.parcel_id > parcel_id):
            # A parcel that was parked, and taken up again after a newer one: its absences are of yesterday.
            ledger.warn_of("whole.parcel.overtaken", "", 1)
            return WholeClosing("", _settle(ledger, parcel_run, number))
        absences: Sequence[ContractAbsences] = ()
        oldest = find_oldest(self.watch.seen, parcel_run.retention_days)
        if row is not None:
            self.earlier_list = row.digest
            absences = self._compare(row.digest, oldest, ledger)
        deletes = self._may_delete(parcel_run, absences, parcel_id, ledger)
        for absence in absences:
            missing = _tell(absence, parcel_run, ledger)
            if deletes:
                missing = _delete(
                    absence.contract, missing, BatchKey(parcel_run.parcel.key, number), parcel_run, ledger
                )
            self.watch.keep_missing(absence.contract, missing, oldest)
        if ledger.vanished:
            log("records_vanished", flow=flow, count=ledger.vanished, withdrawn=ledger.withdrawn)
        return WholeClosing(self.watch.draft.put(self.workspace.wholes), _settle(ledger, parcel_run, number))

    def _compare(self, digest: str, oldest: date, ledger: Ledger) -> Sequence[ContractAbsences]:
        """Compare with the earlier list; one that is lost or damaged is told, and says nothing."""
        try:
            return self.watch.compare(self.workspace.wholes, digest, oldest)
        except ParcelError:
            # The fault is in the list and not in this parcel, which would be parked again every night.
            ledger.warn_of("whole.list.lost", "", 1)
            return ()

    def _may_delete(
        self, parcel_run: ParcelRun, absences: Sequence[ContractAbsences], parcel_id: int, ledger: Ledger
    ) -> bool:
        """Whether what vanished may be deleted. Raises ParcelError when a person has to look before."""
        journal, flow, settings = self.workspace.journal, self.open_flow.flow, self.open_flow.settings
        missing = sum(absence.missing.height for absence in absences)
        if missing and self.watch.unnamed:
            ledger.warn_of("whole.parcel.unnamed", "", self.watch.unnamed)
        deletes = parcel_run.policy.delete_vanished and not self.watch.unnamed
        if deletes and missing and not can_withdraw(parcel_run.destination):
            ledger.warn_of(IMPOSSIBLE.reason, "", missing)
            deletes = False
        excess = [absence for absence in absences if absence.find_share(is_new=not deletes) > settings.most_vanished]
        worst = max(excess, key=lambda absence: absence.find_share(is_new=not deletes), default=None)
        now = self.workspace.clock.now()
        if worst is None or (deletes and journal.is_confirmed(parcel_id, HELD)):
            journal.clear_notice(flow, HELD)
            journal.clear_notice(flow, THINNED)
            return deletes
        count, earlier, contract = format_count(worst.vanished.height), format_count(worst.earlier), worst.contract
        details = {"contract": contract, "count": count, "earlier": earlier}
        journal.raise_notice(flow, HELD if deletes else THINNED, details, now)
        if deletes:
            raise ParcelError(HELD, flow=flow, contract=contract, count=count, earlier=earlier)
        return False


def make_incomplete_closing(parcel_run: ParcelRun) -> WholeClosing:
    """Return the closing of a look of which a page is missing: the list that counted before stays."""
    ledger = Ledger("")
    ledger.warn_of("whole.look.incomplete", "", 1)
    return WholeClosing("", _settle(ledger, parcel_run, 0))


def _tell(absence: ContractAbsences, parcel_run: ParcelRun, ledger: Ledger) -> pl.DataFrame:
    """Count what vanished just now; return everything that is missing and still at the destination."""
    fresh = absence.missing.filter(pl.col("since").is_null())
    became = int(fresh.get_column("became").sum())
    ledger.vanished += fresh.height
    for code, count in (("whole.record.vanished", fresh.height - became), ("whole.record.became", became)):
        ledger.warn_of(code, absence.contract, count)
    there = find_delivered_refs(absence.contract, absence.missing.get_column("ref"), parcel_run)
    return absence.missing.filter(there)


def _delete(
    contract: str, missing: pl.DataFrame, batch: BatchKey, parcel_run: ParcelRun, ledger: Ledger
) -> pl.DataFrame:
    """Delete records at the destination; return those that stay there."""
    if not missing.height:
        return missing
    withdrawn = withdraw_records(contract, missing.get_column("ref"), batch, parcel_run)
    ledger.known.append(withdrawn.known)
    ledger.forgotten.append((contract, withdrawn.forgotten))
    ledger.shelved += withdrawn.make_removals(parcel_run.known_records, RemovalCause.VANISHED)
    stays = []
    for ref, answer in withdrawn.answers.items():
        if answer.fate is Fate.DELIVERED:
            ledger.withdrawn += 1
        else:
            stays.append(ref)
            ledger.warn_of(answer.reason, contract, 1)
    return missing.filter(pl.col("ref").is_in(stays))


def _settle(ledger: Ledger, parcel_run: ParcelRun, number: int) -> Settlement | None:
    """Return a batch that received nothing and says what vanished; None when there is nothing to say."""
    if not ledger.causes and not ledger.withdrawn:
        return None
    return Settlement(
        flow=parcel_run.flow,
        run=parcel_run.run,
        batch=BatchKey(parcel_run.parcel.key, number),
        balance=ledger.make_balance(),
        reasons=dict(ledger.causes),
        delivered=tuple(ledger.known),
        forgotten=tuple(ledger.forgotten),
        shelved=tuple(ledger.shelved),
        at=parcel_run.clock.now(),
    )
