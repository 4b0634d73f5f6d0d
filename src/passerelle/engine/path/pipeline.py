"""The path of one batch: translate, validate, gate (prepare), then compare and deliver, then draw up what to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.path.leaving_out import leave_out
from passerelle.engine.path.record_joining import join_records
from passerelle.engine.path.settlement_making import make_settlement
from passerelle.engine.path.whole_refs import collect_present_refs
from passerelle.engine.path.withdrawing import deliver_deletions, set_deletions_aside
from passerelle.engine.records.answer_recording import record_answers, record_comparison
from passerelle.engine.records.ledger import Ledger
from passerelle.engine.records.record_comparison import compare_records
from passerelle.engine.records.subject_memory import make_known_subjects
from passerelle.engine.records.version_order import name_column
from passerelle.engine.stopwatch import time_stage
from passerelle.stages.gate.gating import gate
from passerelle.stages.translate.translation import translate
from passerelle.stages.validate.validation import validate
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import BatchKey
from passerelle.vocabulary.ports import BatchDestination

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from passerelle.engine.path.flow_policy import FlowPolicy
    from passerelle.engine.path.parcel_run import ParcelRun
    from passerelle.engine.path.whole_refs import PresentRefs
    from passerelle.engine.records.record_comparison import BatchComparison
    from passerelle.stages.gate.gating import GateResult
    from passerelle.stages.translate.translation import Translation
    from passerelle.stores.settlement import Settlement
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


def translate_batch(decoded: DecodedBatch, policy: FlowPolicy, *, each_place: bool = False) -> Translation:
    """Translate every row of a batch, whichever contracts the flow selects: flows that share a spool select others."""
    with time_stage("translate"):
        keep = policy.whole.fields if policy.whole else frozenset[str]()
        strict = policy.doubts.strict
        return translate(
            decoded.table, policy.plan, columnar=policy.columnar, strict=strict, keep=keep, each_place=each_place
        )


def prepare_batch(decoded: DecodedBatch, policy: FlowPolicy, translation: Translation | None = None) -> PreparedBatch:
    """Translate (unless that was done before), validate and gate one batch."""
    translation = policy.selection.choose(translation or translate_batch(decoded, policy))
    decoded = policy.selection.narrow(decoded)
    ledger = Ledger(decoded.table.member, silent=policy.doubts.silent)
    ledger.received += len(decoded.aside)
    ledger.set_aside(decoded.aside)
    ledger.warn(decoded.warned)
    ledger.received += translation.received
    if policy.leave_out:
        translation = leave_out(translation, policy.leave_out, ledger)
    ledger.set_aside(translation.aside)
    ledger.warn(translation.warned)
    gated = [check_records(records, decoded.table, policy, ledger) for records in translation.records]
    ledger.withheld_values += sum(result.withheld_values for result in gated)
    passing = join_records([result.records for result in gated])
    present = collect_present_refs(translation, decoded, policy.whole) if policy.whole else None
    if not policy.takes_deletions:
        set_deletions_aside(translation.deleted, decoded.table, ledger)
        return PreparedBatch(decoded, passing, ledger, present)
    return PreparedBatch(decoded, passing, ledger, present, translation.deleted)


def check_records(records: Records, table: TextTable, policy: FlowPolicy, ledger: Ledger) -> GateResult:
    """Validate and gate records of one contract; what is set aside or warned of goes into the ledger."""
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
            policy=policy.releases,
            consent=policy.consent,
            answers=policy.answers,
            may_object=policy.may_object,
            words=policy.plan.words.get(records.contract, {}),
        )
    ledger.subjects.append(gated.subjects)
    ledger.set_aside(gated.records.aside)
    return gated


def deliver_batch(batch: PreparedBatch, parcel_run: ParcelRun) -> Settlement:
    """Deliver one batch, and return what the journal has to settle. Raises what the destination raises."""
    decoded, table, ledger = batch.decoded, batch.decoded.table, batch.ledger
    key = BatchKey(parcel_run.known_records.name_parcel(parcel_run.parcel), decoded.number)
    parcel_run.watch.observe_faults(ledger)
    comparisons: Iterable[BatchComparison] = _iter_comparisons(batch, parcel_run, key)
    if isinstance(parcel_run.destination, BatchDestination):
        # what stands in one row comes from several contracts: all of them are compared before the first is delivered
        comparisons = list(comparisons)
        contents = ((one.delivery, one.everything) for one in comparisons)
        parcel_run.destination.begin_batch([(one, frame) for one, frame in contents if frame is not None])
    for comparison in comparisons:
        # A destination asked to take no records would write an empty file or send an empty request.
        if len(comparison.delivery):
            parcel_run.known_records.keep_names([parcel_run.parcel])
            with time_stage("deliver"):
                answers = parcel_run.destination.deliver(comparison.delivery)
            record_answers(answers, comparison, table, ledger)
    if batch.deleted:
        deliver_deletions(batch.deleted, table, ledger, key, parcel_run)
    ledger.known += make_known_subjects(ledger.subjects, parcel_run.known_records)
    return make_settlement(ledger, decoded, parcel_run)


def _iter_comparisons(batch: PreparedBatch, parcel_run: ParcelRun, key: BatchKey) -> Iterator[BatchComparison]:
    """Yield, contract by contract, what has to be delivered; what has not is counted."""
    table, ledger = batch.decoded.table, batch.ledger
    for pile in batch.records:
        parcel_run.watch.observe(pile, table)
    for records in parcel_run.policy.adapt(batch.records, table):
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
        column = name_column(parcel_run.known_records.order)
        record_comparison(comparison, ledger, is_late=parcel_run.is_late, ordered_by=column)
        yield comparison
