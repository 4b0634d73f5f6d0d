"""The path of a batch, to be read aloud: translate, validate, gate, compare, deliver, settle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.comparing import compare
from passerelle.engine.joining import joined
from passerelle.engine.ledger import Ledger
from passerelle.engine.setting_aside import quarantined
from passerelle.stages.gate.gating import gate
from passerelle.stages.translate.translation import translate
from passerelle.stages.validate.validation import validate
from passerelle.stores.settlement import KnownRecords, Settlement
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import ROW, BatchKey, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from passerelle.contracts.fact import Purpose
    from passerelle.engine.comparing import Comparison, Memory
    from passerelle.engine.watching import ParcelWatch
    from passerelle.stages.gate.gating import ConsentRule
    from passerelle.stages.translate.plan import Plan
    from passerelle.vocabulary.outcomes import Answer
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
    ledger.received += len(decoded.aside)
    ledger.set_aside(decoded.aside)
    ledger.warn(decoded.warned)
    translation = translate(decoded.table, route.plan, columnar=route.columnar)
    ledger.received += translation.received
    ledger.set_aside(translation.aside)
    ledger.warn(translation.warned)
    passing = [_pass(records, decoded.table, route, ledger) for records in translation.records]
    return joined(passing)


def _pass(records: Records, table: TextTable, route: Route, ledger: Ledger) -> Records:
    ledger.set_aside(records.aside)
    ledger.warn(records.warned)
    validated = validate(records, table=table, express=route.express, strict_identifiers=route.strict_identifiers)
    ledger.set_aside(validated.records.aside)
    ledger.warn(validated.records.warned)
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
    for decoded in batches:
        ledger = Ledger(decoded.table.member)
        yield Examined(decoded, examine(decoded, route, ledger), ledger)


def cross(batch: Examined, crossing: Crossing) -> Settlement:
    """Take one batch to its destination and draw up its books. Raises what the destination raises."""
    decoded, ledger = batch.decoded, batch.ledger
    for records in batch.piles:
        crossing.watch.see(records, decoded.table)
        key = BatchKey(crossing.parcel.digest, decoded.number)
        comparison = compare(records, decoded.table, key, crossing.parcel, crossing.memory)
        ledger.count(Fate.UNCHANGED, comparison.unchanged)
        ledger.count(Fate.DUPLICATE, comparison.duplicate)
        if len(comparison.ready):
            answers = crossing.destination.deliver(comparison.ready)
            _enter(answers, comparison, decoded.table, ledger)
    return _settlement(decoded, ledger, crossing)


def _enter(answers: Sequence[Answer], comparison: Comparison, table: TextTable, ledger: Ledger) -> None:
    ready = comparison.ready
    taken = _taken(answers, len(ready))
    ledger.count(Fate.DELIVERED, len(taken))
    remotes = [answers[index].remote for index in taken]
    ledger.known.append(
        KnownRecords(
            ready.contract,
            comparison.ref_keys[taken].tobytes(),
            comparison.contents[taken].tobytes(),
            [ready.versions[index] for index in taken],
            remotes if any(remotes) else (),
        )
    )
    if len(taken) == len(ready):
        return
    rows = ready.frame.get_column(ROW).to_list()
    for answer, row in zip(answers, rows, strict=True):
        if answer.fate is not Fate.DELIVERED:
            place = Place(table.lines[row], member=table.member)
            ledger.set_aside(
                [SetAside(answer.fate, answer.reason, place, row, facts=answer.facts, contract=ready.contract)]
            )


def _taken(answers: Sequence[Answer], expected: int) -> Sequence[int]:
    """Give the places of the records that the destination took; most often it says the same of all."""
    if len(answers) != expected:
        message = "a destination gives one answer a record"
        raise ValueError(message)
    if answers[0].fate is Fate.DELIVERED and answers.count(answers[0]) == expected:
        return range(expected)
    return [index for index, answer in enumerate(answers) if answer.fate is Fate.DELIVERED]


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
