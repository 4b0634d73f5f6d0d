"""Deletions at the destination: of what vanished from a whole export, and of what the supplier says it deleted.

A deletion is a version like any other: it has a key, it is settled, and what comes back later goes on from it. Only
what this flow delivered is ever deleted.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import polars as pl

from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.extension.plugins import OWN
from passerelle.stores.known import WITHDRAWN
from passerelle.stores.settlement import DeliveredRecords, ShelfEntries
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Answer, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey
from passerelle.vocabulary.place import ROW, Place
from passerelle.vocabulary.ports import WithdrawingDestination
from passerelle.vocabulary.shelf import RemovalCause
from passerelle.vocabulary.withdrawals import Withdrawal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.engine.path.parcel_run import ParcelRun
    from passerelle.engine.records.ledger import Ledger
    from passerelle.engine.records.record_comparison import KnownRecords
    from passerelle.vocabulary.parcels import Parcel, TextTable
    from passerelle.vocabulary.ports import Destination

_TOLD = Answer(Fate.WITHHELD, "whole.record.deleted")
IMPOSSIBLE = Answer(Fate.REFUSED, "whole.deletion.impossible")


@dataclass(frozen=True, slots=True)
class WithdrawnRecords:
    """How the deletion of some records ended."""

    answers: Mapping[str, Answer]
    """By ref; a ref that the destination does not have is absent."""
    known: DeliveredRecords
    """What the journal has to remember: the records that are gone."""
    forgotten: tuple[bytes, ...]
    """Ref keys whose ids at the destination mean nothing any more."""
    remote_ids: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By ref: the destination's own ids; empty where it gave none."""
    outside: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By ref: what stands for it at the destination, a handle where the reference may not leave."""

    def make_removals(self, known_records: KnownRecords, cause: RemovalCause) -> list[ShelfEntries]:
        """Return what takes the deleted records off the shelf of the flow; nothing where it has none."""
        if not known_records.shelf or not self.known.versions:
            return []
        gone = [ref for ref, answer in self.answers.items() if answer.fate is Fate.DELIVERED]
        if Purpose(known_records.shelf) in FIGURES:
            gone = [self.outside[ref] for ref in gone]
        keys, known = known_records.pseudonymise_refs(pl.Series(gone, dtype=pl.String)).tobytes(), self.known
        return [ShelfEntries(known.contract, known_records.shelf, keys, gone, known.versions, cause=cause)]


def can_withdraw(destination: Destination) -> TypeGuard[WithdrawingDestination]:
    """Whether a destination can delete records at all."""
    return isinstance(destination, WithdrawingDestination) and destination.can_withdraw


def find_delivered_refs(contract: str, refs: pl.Series, parcel_run: ParcelRun) -> pl.Series:
    """Mark the refs whose record the destination has from this flow."""
    known_records = parcel_run.known_records
    keys = known_records.pseudonymise_refs(refs).tobytes()
    return pl.Series(known_records.journal.recall(known_records.flow, contract, keys).there)


def withdraw_records(contract: str, refs: pl.Series, batch: BatchKey, parcel_run: ParcelRun) -> WithdrawnRecords:
    """Delete records at the destination, each once. Raises what the destination raises."""
    destination, known_records = parcel_run.destination, parcel_run.known_records
    return withdraw_from(destination, known_records, parcel_run.parcel, contract, refs, batch)


def withdraw_from(
    destination: Destination,
    known_records: KnownRecords,
    parcel: Parcel,
    contract: str,
    refs: pl.Series,
    batch: BatchKey,
) -> WithdrawnRecords:
    """Delete records at a destination, each once; `parcel` is where the deletion comes from."""
    refs = refs.unique(maintain_order=True)
    journal, flow = known_records.journal, known_records.flow
    all_keys = known_records.pseudonymise_refs(refs)
    recalled = journal.recall(flow, contract, all_keys.tobytes())
    there = np.flatnonzero(recalled.there)
    ref_keys, versions = all_keys[there], (recalled.versions[there] + 1).tolist()
    key_texts = [key.tobytes() for key in ref_keys]
    names, outside = refs.gather(there).to_list(), known_records.to_outside_refs(refs.gather(there)).to_list()
    remote_ids = [remote or "" for remote in journal.find_remote_ids(flow, contract, key_texts)]
    identity = (
        f"{flow}|{contract}|{key.hex()}|{version}|{WITHDRAWN.hex()}"
        for key, version in zip(key_texts, versions, strict=True)
    )
    withdrawal = Withdrawal(
        flow=flow,
        contract=contract,
        batch=BatchKey(known_records.name_parcel(parcel), batch.number),
        refs=outside,
        keys=[key.hex() for key in known_records.seal.pseudonymise_each("key", identity)],
        versions=versions,
        remote_ids=remote_ids,
        source=_describe_source(known_records, parcel),
    )
    if len(withdrawal):
        known_records.keep_names([parcel])
    answers = _withdraw(withdrawal, destination)
    gone = [index for index, answer in enumerate(answers) if answer.fate is Fate.DELIVERED]
    known = DeliveredRecords(
        contract, ref_keys[gone].tobytes(), WITHDRAWN * len(gone), [versions[index] for index in gone]
    )
    forgotten = tuple(key_texts[index] for index in gone if remote_ids[index])
    by_ref = (dict(zip(names, some, strict=True)) for some in (remote_ids, outside))
    return WithdrawnRecords(dict(zip(names, answers, strict=True)), known, forgotten, *by_ref)


def set_deletions_aside(deleted: Iterable[tuple[str, pl.DataFrame]], table: TextTable, ledger: Ledger) -> None:
    """Withhold the rows that announce a deletion, where nothing is deleted: in a check, or in a move."""
    for contract, frame in deleted:
        rows = frame.get_column(ROW).to_list()
        ledger.set_aside(_make_item(_TOLD, row, table, contract) for row in rows)


def deliver_deletions(
    deleted: Iterable[tuple[str, pl.DataFrame]],
    table: TextTable,
    ledger: Ledger,
    batch: BatchKey,
    parcel_run: ParcelRun,
) -> None:
    """Delete, or tell of, the records of a batch that the supplier says it deleted; count each in the ledger."""
    for contract, frame in deleted:
        refs = frame.get_column("ref")
        answers: Mapping[str, Answer]
        if parcel_run.policy.delete_vanished:
            withdrawn = withdraw_records(contract, refs, batch, parcel_run)
            answers = withdrawn.answers
            ledger.known.append(withdrawn.known)
            ledger.forgotten.append((contract, withdrawn.forgotten))
            cause = RemovalCause.ASKED if parcel_run.known_records.connector == OWN else RemovalCause.SUPPLIER
            ledger.shelved += withdrawn.make_removals(parcel_run.known_records, cause)
        else:
            there = find_delivered_refs(contract, refs, parcel_run)
            answers = dict.fromkeys(refs.filter(there), _TOLD)
        ledger.vanished += len(answers)
        gone: set[str] = set()
        for row, ref in zip(frame.get_column(ROW).to_list(), refs.to_list(), strict=True):
            answer = answers.get(ref)
            if answer is None:
                ledger.count(Fate.UNCHANGED)  # it is not at the destination: nothing is left to do
            elif ref in gone:
                ledger.count(Fate.DUPLICATE)  # announced twice in one batch: it was deleted once
            elif answer.fate is Fate.DELIVERED:
                gone.add(ref)
                ledger.count(Fate.DELIVERED)
                ledger.withdrawn += 1
            else:
                ledger.set_aside([_make_item(answer, row, table, contract)])


def _make_item(answer: Answer, row: int, table: TextTable, contract: str) -> SetAside:
    # not into quarantine: what the supplier deleted is not to be kept here
    place = Place(table.lines[row], member=table.member)
    return SetAside(
        answer.fate, answer.reason, place, row, details=answer.details, contract=contract, needs_quarantine=False
    )


def _withdraw(withdrawal: Withdrawal, destination: Destination) -> Sequence[Answer]:
    if not len(withdrawal):
        return []
    if not can_withdraw(destination):
        return [IMPOSSIBLE] * len(withdrawal)
    answers = destination.withdraw(withdrawal)
    if len(answers) != len(withdrawal):
        message = "a destination gives one answer a record"
        raise ValueError(message)
    return answers


def _describe_source(known_records: KnownRecords, parcel: Parcel) -> Mapping[str, str]:
    return {
        "supplier": known_records.supplier,
        "connector": known_records.connector,
        "connector_version": known_records.connector_version,
        "parcel": known_records.name_parcel(parcel).partition("-")[0],
        "received_at": parcel.received_at.isoformat(timespec="seconds"),
    }
