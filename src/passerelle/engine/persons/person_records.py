"""Gathers what kept files and the quarantine hold of one person, field by field, for their own eyes.

What is not theirs is dropped as soon as a batch is read: no value of anybody else is ever held here. The same record
comes in many exports; each different state of it is kept once, with the days on which it came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts.access import ASKERS, Showing, find_showing
from passerelle.contracts.field_meta import DataSubject, Sensitivity
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.stages.gate.subjects import find_subject_fields, mark_named
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.release_policy import ExtraColumn
    from passerelle.engine.persons.person_finding import SoughtPersons, TraceSource
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.outcomes import SetAside
    from passerelle.vocabulary.parcels import DecodedBatch


_NEVER = frozenset({Sensitivity.SECRET, Sensitivity.SURVEILLANCE})
"""Columns outside the contracts that nobody who asks reads, whosever they are."""


@dataclass(frozen=True, slots=True)
class NumberedProfessional:
    """A professional, as a number that holds within one answer."""

    number: int


@dataclass(slots=True)
class RecordState:
    """One state of a record, as far as it is the asker's own. What is empty is absent."""

    values: Mapping[str, Any] = field(repr=False)
    """By contract field: values as polars reads them, or a `NumberedProfessional`."""
    as_received: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By contract field: the text that could not be read as what the field holds."""
    reasons: set[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=set)
    """Why it could not become a record: code and details."""
    received: set[datetime] = field(default_factory=set)
    """When files with this state came; empty where it is known from the quarantine alone."""


@dataclass(slots=True)
class PersonRecord:
    """One record about somebody, in all states that are held."""

    contract: str
    is_own: bool
    """Whether it is about who asked; else they are only named in it, as the professional."""
    states: list[RecordState] = field(default_factory=list, repr=False)
    flows: set[str] = field(default_factory=set)
    items: set[int] = field(default_factory=set)
    """Rows of the quarantine in which it stands."""
    withheld: dict[Showing, set[str]] = field(default_factory=dict)
    """Fields that it fills and that are not the asker's to read, by why."""

    @property
    def latest(self) -> RecordState:
        """Return the state that came last; one that only the quarantine has goes after those of files."""
        return max(self.states, key=lambda state: max((at.timestamp() for at in state.received), default=0.0))


@dataclass(slots=True)
class RecordGatherer:
    """A `TraceWitness` that keeps the records of one person."""

    persons: SoughtPersons
    asker: DataSubject
    columns: Mapping[str, Mapping[str, ExtraColumn]] = field(default_factory=dict)
    """By flow: the columns outside the contracts that its settings describe."""
    records: dict[tuple[str, str], PersonRecord] = field(default_factory=dict, repr=False)
    """By contract and reference; a row without a reference by where it stands."""
    digests: set[str] = field(default_factory=set)
    """Files of which rows were read."""
    _numbers: dict[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, persons: SoughtPersons, ref: str, columns: Mapping[str, Mapping[str, ExtraColumn]]) -> RecordGatherer:
        """Return a gatherer for who has this reference; who is none of those that contracts know is a person."""
        return cls(persons, ASKERS.get(ref.split(":")[1], DataSubject.PERSON), columns)

    def observe(
        self, source: TraceSource, plan: TranslationPlan, decoded: DecodedBatch, translation: Translation
    ) -> None:
        """Take the person's own out of a batch."""
        reasons = {aside.row: aside for aside in translation.aside if aside.row is not None}
        frames = ((records.contract, records.frame) for records in translation.records)
        for contract_id, frame in chain(frames, translation.faulty):
            contract = contracts.get(contract_id)
            is_own, is_named = self._select(contract, frame)
            rows = frame.with_columns(is_own.alias("_own")).filter(pl.col("_own") | is_named)
            for row in rows.iter_rows(named=True):
                place = row.get(ROW, -1)
                record, state = self._read_row(contract, row, source, place)
                if record.is_own and place in reasons:
                    self._add_unread(state, reasons[place], contract, plan, decoded)
                if decoded.items and place >= 0:
                    record.items.add(decoded.items[place])
                self.digests.add(source.digest)
                _add_state(record, state)

    def _select(self, contract: type[Contract], frame: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
        """Return which rows are about who asked, and which only name them."""
        fields, family = find_subject_fields(contract), contract.about.family
        forms, nobody = tuple(self.persons.forms), pl.lit(value=False)
        is_self = ASKERS.get(family) is self.asker
        own = mark_named(frame, "ref", forms) if is_self else nobody
        if self.asker is DataSubject.PERSON:
            return own | mark_named(frame, fields.main, forms), nobody
        if self.asker is DataSubject.WORKER:
            return own, pl.any_horizontal(nobody, *(mark_named(frame, name, forms) for name in fields.professionals))
        return own, nobody

    def _read_row(
        self, contract: type[Contract], row: Mapping[str, Any], source: TraceSource, place: int
    ) -> tuple[PersonRecord, RecordState]:
        key = row.get("ref") or f"{source.digest or source.flow}/{place}"
        record = self.records.setdefault((contract.about.id, key), PersonRecord(contract.about.id, bool(row["_own"])))
        record.flows.add(source.flow)
        values: dict[str, Any] = {}
        for name in contract.list_fields():
            value = row.get(name)
            if value is None or value == []:
                continue
            showing = find_showing(contract, name, self.asker)
            if showing is Showing.OPEN:
                values[name] = value
            elif showing is Showing.NUMBERED:
                values[name] = self._replace_professional(value)
            elif showing is not Showing.TECHNICAL and (filled := _count_filled(value)):
                described = self._list_described(value, source.flow) if showing is Showing.UNDESCRIBED else {}
                if described and record.is_own:
                    values[name] = described
                if filled > len(described):
                    record.withheld.setdefault(showing, set()).add(name)
        received = {source.received_at} if source.received_at is not None else set()
        return record, RecordState(MappingProxyType(values), received=received)

    def _list_described(self, extra: Mapping[str, Any], flow: str) -> dict[str, str]:
        """Return the columns outside the contract that the settings say are the asker's own, by their title."""
        columns = self.columns.get(flow, {})
        return {
            column.title: str(text)
            for members in extra.values()
            for name, text in (members or {}).items()
            if text is not None and (column := columns.get(name)) is not None
            if column.subject is self.asker and column.sensitivity not in _NEVER
        }

    def _replace_professional(self, value: Any) -> NumberedProfessional | list[NumberedProfessional]:
        if isinstance(value, list):
            return [NumberedProfessional(self._numbers.setdefault(ref, len(self._numbers) + 1)) for ref in value]
        return NumberedProfessional(self._numbers.setdefault(value, len(self._numbers) + 1))

    def _add_unread(
        self,
        state: RecordState,
        aside: SetAside,
        contract: type[Contract],
        plan: TranslationPlan,
        decoded: DecodedBatch,
    ) -> None:
        """Add why a row could not be read, and the person's own cells that could not, as they were received."""
        state.reasons.add((aside.reason, tuple(sorted(aside.details.items()))))
        cells = dict(zip(decoded.table.frame.columns, decoded.table.frame.row(aside.row or 0), strict=True))
        own, others = self._sort_columns(contract.about.id, plan)
        state.as_received = {
            name: text
            for name, columns in own.items()
            # a cell that also feeds somebody else's field is theirs as well
            if name not in state.values and not others.intersection(columns)
            if (text := " ".join(str(cells[column]) for column in columns if cells.get(column)).strip())
        }

    def _sort_columns(self, contract_id: str, plan: TranslationPlan) -> tuple[dict[str, tuple[str, ...]], set[str]]:
        """Return the columns of the asker's own fields, by field, and those that fill any other field."""
        own: dict[str, tuple[str, ...]] = {}
        others: set[str] = set()
        for entry in plan.tables:
            contract = contracts.get(entry.table.contract)
            for part in entry.fields:
                showing = find_showing(contract, part.name, self.asker)
                if showing is Showing.OPEN and contract.about.id == contract_id:
                    own[part.name] = tuple(part.columns)
                elif showing not in (Showing.OPEN, Showing.TECHNICAL):
                    others.update(part.columns)
        return own, others


def _add_state(record: PersonRecord, state: RecordState) -> None:
    for known in record.states:
        if known.values == state.values and known.as_received == state.as_received:
            known.received |= state.received
            known.reasons |= state.reasons
            return
    record.states.append(state)


def _count_filled(value: Any) -> int:
    """Count what is filled in a value; an object, as of columns outside the contract, may have empty members."""
    return sum(map(_count_filled, value.values())) if isinstance(value, dict) else int(value is not None)


@cache
def list_dated_fields(contract_id: str) -> tuple[str, ...]:
    """List the fields of a contract by which its records are put in order: its days and moments, as it lists them."""
    shapes = list_shapes(contracts.get(contract_id))
    return tuple(name for name, shape in shapes.items() if shape.kind in (FieldKind.DAY, FieldKind.INSTANT))


def sort_records(records: Iterable[PersonRecord]) -> list[PersonRecord]:
    """Return records in the order of the contracts, and of each the latest day first."""
    ids = list(contracts.catalogue())
    dated = sorted(records, key=find_day, reverse=True)
    return sorted(dated, key=lambda record: ids.index(record.contract))


def find_day(record: PersonRecord) -> str:
    """Return the day that a record is about, as far as its reader may know it; empty where there is none."""
    values = record.latest.values
    days = (str(values[name])[:10] for name in list_dated_fields(record.contract) if name in values)
    return next(days, "")
