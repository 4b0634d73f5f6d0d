"""The path of one batch: translate, validate, gate (prepare), then compare and deliver, then draw up what to settle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.answer_recording import record_answers, record_comparison
from passerelle.engine.ledger import Ledger
from passerelle.engine.quarantine_items import make_quarantine_items
from passerelle.engine.record_comparison import compare_records
from passerelle.engine.record_joining import join_records
from passerelle.engine.stopwatch import time_stage
from passerelle.engine.whole_refs import collect_present_refs
from passerelle.engine.withdrawing import deliver_deletions, set_deletions_aside
from passerelle.stages.gate.gating import gate
from passerelle.stages.translate.translation import translate
from passerelle.stages.validate.validation import validate
from passerelle.stores.settlement import Settlement
from passerelle.vocabulary.parcels import BatchKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from passerelle.engine.flow_policy import FlowPolicy
    from passerelle.engine.parcel_run import ParcelRun
    from passerelle.engine.whole_refs import PresentRefs
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.parcels import DecodedBatch, Records, TextTable


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """One batch, translated, validated and gated."""

    decoded: DecodedBatch
    records: Sequence[Records]
    """What may be delivered: at most one pile for each contract."""
    ledger: Ledger
    """The fates of all the other records."""
    present: PresentRefs | None = None
    """The refs of all rows, for a flow whose exports are whole."""
    deleted: Sequence[tuple[str, pl.DataFrame]] = ()
    """By contract: `ROW` and `ref` of records that the supplier says it deleted."""


def translate_batch(decoded: DecodedBatch, policy: FlowPolicy) -> Translation:
    """Translate every row of a batch, whichever contracts the flow selects: flows that share a spool select others."""
    with time_stage("translate"):
        keep = policy.whole.fields if policy.whole else frozenset[str]()
        strict = policy.doubts.strict
        return translate(decoded.table, policy.plan, columnar=policy.columnar, strict=strict, keep=keep)


def prepare_batch(decoded: DecodedBatch, policy: FlowPolicy, translation: Translation | None = None) -> PreparedBatch:
    """Translate (unless that was done before), validate and gate one batch."""
    translation = policy.selection.choose(translation or translate_batch(decoded, policy))
    decoded = policy.selection.narrow(decoded)
    ledger = Ledger(decoded.table.member, silent=policy.doubts.silent)
    ledger.received += len(decoded.aside)
    ledger.set_aside(decoded.aside)
    ledger.warn(decoded.warned)
    ledger.received += translation.received
    ledger.set_aside(translation.aside)
    ledger.warn(translation.warned)
    passing = [_check_records(records, decoded.table, policy, ledger) for records in translation.records]
    present = collect_present_refs(translation, decoded, policy.whole) if policy.whole else None
    if not policy.takes_deletions:
        set_deletions_aside(translation.deleted, decoded.table, ledger)
        return PreparedBatch(decoded, join_records(passing), ledger, present)
    return PreparedBatch(decoded, join_records(passing), ledger, present, translation.deleted)


def _check_records(records: Records, table: TextTable, policy: FlowPolicy, ledger: Ledger) -> Records:
    """Validate and gate records of one contract, and return those that may be delivered."""
    ledger.set_aside(records.aside)
    ledger.warn(records.warned)
    with time_stage("validate"):
        validated = validate(
            records,
            table=table,
            fast_path=policy.fast_path,
            setting=policy.setting,
            doubts=policy.doubts,
            explain_paths=policy.explain_paths,
        )
    ledger.count_paths(records.contract, validated.paths)
    ledger.set_aside(validated.records.aside)
    ledger.warn(validated.records.warned)
    # After validation: a record that is both invalid and withheld counts as rejected, which somebody can mend.
    with time_stage("gate"):
        gated = gate(
            validated.records,
            table=table,
            purpose=policy.purpose,
            consent=policy.consent,
            answers=policy.answers,
            deliver_extra=policy.deliver_extra,
        )
    ledger.set_aside(gated.records.aside)
    ledger.withheld_values += gated.withheld_values
    return gated.records


def deliver_batch(batch: PreparedBatch, parcel_run: ParcelRun) -> Settlement:
    """Deliver one batch, and return what the journal has to settle. Raises what the destination raises."""
    decoded, table, ledger = batch.decoded, batch.decoded.table, batch.ledger
    key = BatchKey(parcel_run.parcel.key, decoded.number)
    parcel_run.watch.observe_faults(ledger)
    for pile in batch.records:
        parcel_run.watch.observe(pile, table)
        records = parcel_run.policy.adapt(pile, table)
        ledger.set_aside(records.aside)
        if not records.frame.height:
            continue
        with time_stage("compare"):
            unsaid = parcel_run.absence.find_unsaid(records, table) if parcel_run.absence else None
            comparison = compare_records(
                records,
                table,
                key,
                parcel_run.parcel,
                parcel_run.known_records,
                unsaid=unsaid,
                is_replay=parcel_run.is_replay,
            )
        record_comparison(comparison, ledger, is_late=parcel_run.is_late)
        # A destination asked to take no records would write an empty file or send an empty request.
        if len(comparison.delivery):
            with time_stage("deliver"):
                answers = parcel_run.destination.deliver(comparison.delivery)
            record_answers(answers, comparison, table, ledger)
    if batch.deleted:
        deliver_deletions(batch.deleted, table, ledger, key, parcel_run)
    with time_stage("settle"):
        now = parcel_run.clock.now()
        return Settlement(
            flow=parcel_run.flow,
            run=parcel_run.run,
            batch=key,
            balance=ledger.make_balance(),
            reasons=dict(ledger.causes),
            quarantined=make_quarantine_items(ledger.aside, table, now, parcel_run.retention_days),
            delivered=tuple(ledger.known),
            forgotten=tuple(ledger.forgotten),
            at=now,
        )
