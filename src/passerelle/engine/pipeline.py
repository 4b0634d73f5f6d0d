"""The path of a batch, to be read aloud: translate, validate, gate, compare, deliver, settle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.answering import record_answers
from passerelle.engine.comparing import compare
from passerelle.engine.fitting import EVERYTHING, Fitting
from passerelle.engine.joining import joined
from passerelle.engine.ledger import Ledger
from passerelle.engine.setting_aside import quarantined
from passerelle.engine.stopwatch import timed
from passerelle.stages.gate.gating import gate
from passerelle.stages.translate.translation import translate
from passerelle.stages.validate.validation import validate
from passerelle.stores.settlement import Settlement
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from passerelle.contracts.fact import Purpose
    from passerelle.engine.comparing import Memory
    from passerelle.engine.watching import ParcelWatch
    from passerelle.stages.gate.gating import ConsentRule
    from passerelle.stages.translate.plan import Plan
    from passerelle.vocabulary.parcels import Decoded, Parcel, Records, TextTable
    from passerelle.vocabulary.ports import Clock, Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What the pure part of the path needs to know: the mapping, and what may pass."""

    plan: Plan
    purpose: Purpose
    consent: ConsentRule = "opposition"
    answers: Callable[[Sequence[str]], Mapping[str, bool]] = lambda _refs: {}
    """Looks up who accepted (True) or refused (False) to take part, by the person's `ref`."""
    deliver_extra: bool = False
    strict_identifiers: bool = False
    columnar: bool = True
    express: bool = True
    explain_lanes: bool = False
    """Count which field sends how many rows to the verdict."""
    fitting: Fitting = EVERYTHING
    """Which contracts go this way, and how their records are made to fit what the destination has by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One parcel's way across: its route, its destination and where its books are kept."""

    flow: str
    run: int
    parcel: Parcel
    route: Route
    memory: Memory
    destination: Destination
    clock: Clock
    retention_days: int
    watch: ParcelWatch


def examine(decoded: Decoded, route: Route, ledger: Ledger) -> list[Records]:
    """Take one batch as far as it goes without leaving the house: what remains may be delivered."""
    decoded = route.fitting.narrowed(decoded)
    ledger.received += len(decoded.aside)
    ledger.set_aside(decoded.aside)
    ledger.warn(decoded.warned)
    with timed("translate"):
        translation = route.fitting.chosen(translate(decoded.table, route.plan, columnar=route.columnar))
    ledger.received += translation.received
    ledger.set_aside(translation.aside)
    ledger.warn(translation.warned)
    passing = [_pass(records, decoded.table, route, ledger) for records in translation.records]
    return joined(passing)


def _pass(records: Records, table: TextTable, route: Route, ledger: Ledger) -> Records:
    ledger.set_aside(records.aside)
    ledger.warn(records.warned)
    with timed("validate"):
        validated = validate(
            records,
            table=table,
            express=route.express,
            strict_identifiers=route.strict_identifiers,
            explain_lanes=route.explain_lanes,
        )
    ledger.judge(records.contract, validated.lanes)
    ledger.set_aside(validated.records.aside)
    ledger.warn(validated.records.warned)
    with timed("gate"):
        gated = gate(
            validated.records,
            table=table,
            purpose=route.purpose,
            consent=route.consent,
            answers=route.answers,
            deliver_extra=route.deliver_extra,
        )
    ledger.set_aside(gated.records.aside)
    ledger.withheld_values += gated.withheld_values
    return gated.records


@dataclass(frozen=True, slots=True)
class Examined:
    """One batch, as far as it goes without leaving the house."""

    decoded: Decoded
    piles: Sequence[Records]
    ledger: Ledger


def examined(batches: Iterable[Decoded], route: Route) -> Iterator[Examined]:
    """Examine batches one after the other: pure work, which may run ahead of what is delivered."""

    def one(decoded: Decoded) -> Examined:
        ledger = Ledger(decoded.table.member)
        return Examined(decoded, examine(decoded, route, ledger), ledger)

    return map(one, batches)


def cross(batch: Examined, crossing: Crossing) -> Settlement:
    """Take one batch to its destination and draw up its books. Raises what the destination raises."""
    decoded, ledger = batch.decoded, batch.ledger
    for pile in batch.piles:
        crossing.watch.see(pile, decoded.table)
        records = crossing.route.fitting.fit(pile, decoded.table)
        ledger.set_aside(records.aside)
        if not records.frame.height:
            continue
        key = BatchKey(crossing.parcel.digest, decoded.number)
        with timed("compare"):
            comparison = compare(records, decoded.table, key, crossing.parcel, crossing.memory)
        ledger.count(Fate.UNCHANGED, comparison.unchanged)
        ledger.count(Fate.DUPLICATE, comparison.duplicate)
        if len(comparison.ready):
            with timed("deliver"):
                answers = crossing.destination.deliver(comparison.ready)
            record_answers(answers, comparison, decoded.table, ledger)
    with timed("settle"):
        return _settlement(decoded, ledger, crossing)


def _settlement(decoded: Decoded, ledger: Ledger, crossing: Crossing) -> Settlement:
    now = crossing.clock.now()
    return Settlement(
        flow=crossing.flow,
        run=crossing.run,
        batch=BatchKey(crossing.parcel.digest, decoded.number),
        balance=ledger.balance(),
        reasons=dict(ledger.causes),
        quarantined=quarantined(ledger.aside, decoded.table, now, crossing.retention_days),
        known=tuple(ledger.known),
        at=now,
    )
