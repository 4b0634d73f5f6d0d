"""Text becomes records: a supplier's rows go in, records of each contract and what is set aside come out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.cells import matching, prepared, present, says
from passerelle.stages.translate.gaits import walk
from passerelle.vocabulary.language import current
from passerelle.vocabulary.outcomes import Fate, SetAside, Warned
from passerelle.vocabulary.parcels import ROW, Place, Records

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from passerelle.stages.translate.gaits import FilledField
    from passerelle.stages.translate.plan import Plan, TablePlan
    from passerelle.vocabulary.parcels import TextTable

PLACES = 100
"""Most places that are kept of one warning in one column; the last one carries the count of all the others."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of a pile of rows. A row that belongs to several tables counts once in each."""

    records: tuple[Records, ...]
    """One for each table that has rows, in the order of the tables; nothing is set aside in them."""
    aside: tuple[SetAside, ...] = ()
    """In the order of the rows."""
    warned: tuple[Warned, ...] = ()

    @property
    def received(self) -> int:
        """Count what came in: rows by the tables they belong to, and rows of no table."""
        return sum(entry.frame.height for entry in self.records) + len(self.aside)


def translate(table: TextTable, plan: Plan, *, columnar: bool = True) -> Translation:
    """Translate every row. Without `columnar` everything goes by record: slower, and the same result."""
    tables = plan.tables_of(table.member)
    frame = _completed(table.frame, tables, plan.asked_of(table.member))
    numbers = pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    left_out, aside = _left_out(table, frame, plan)
    orphans = ~left_out
    records: list[Records] = []
    warned: list[Warned] = []
    for entry in tables:
        mine = frame.select((pl.lit(left_out).not_() & matching(entry.table.where)).alias("mine")).to_series()
        orphans &= ~mine
        if mine.any():
            pile = _Pile(table, entry, plan, frame.filter(mine), numbers.filter(mine))
            done = pile.translated(columnar=columnar)
            records += done.records
            aside += done.aside
            warned += done.warned
    aside += [_aside(table, row, "translate.row.no_table") for row in orphans.arg_true()]
    return Translation(tuple(records), tuple(sorted(aside, key=_row)), tuple(warned))


def _row(entry: SetAside) -> int:
    return entry.row or 0


def _completed(frame: pl.DataFrame, tables: Sequence[TablePlan], asked: frozenset[str]) -> pl.DataFrame:
    """Add the columns that the supplier did not send, as cells that do not exist. Drift speaks of them, not we."""
    wanted = set(asked).union(*(entry.columns for entry in tables), *(entry.required for entry in tables))
    wanted |= {condition.column for entry in tables for condition in entry.table.where}
    nobody = pl.lit(None, pl.String)
    return frame.with_columns(nobody.alias(name) for name in sorted(wanted - set(frame.columns)))


def _left_out(table: TextTable, frame: pl.DataFrame, plan: Plan) -> tuple[pl.Series, list[SetAside]]:
    left_out = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    aside: list[SetAside] = []
    for scope in plan.scopes_of(table.member):
        mine = frame.select((pl.lit(left_out).not_() & matching(scope.where)).alias("mine")).to_series()
        facts = {"why": scope.fr if current() == "fr" else scope.en}
        aside += [_aside(table, row, "translate.row.out_of_scope", facts) for row in mine.arg_true()]
        left_out |= mine
    return left_out, aside


def _aside(table: TextTable, row: int, reason: str, facts: Mapping[str, str] | None = None) -> SetAside:
    place = Place(int(table.lines[row]), member=table.member)
    if facts is None:
        return SetAside(Fate.REJECTED, reason, place, row)
    return SetAside(Fate.WITHHELD, reason, place, row, facts=facts, kept=False)


@dataclass(frozen=True, slots=True)
class _Pile:
    """The rows of one table: `frame` as sent, `numbers` their places in the batch."""

    source: TextTable
    table: TablePlan
    plan: Plan
    frame: pl.DataFrame
    numbers: pl.Series

    def translated(self, *, columnar: bool) -> Translation:
        words = (*self.plan.nulls, *self.plan.nothing)
        cells = prepared(self.frame, self.table.columns, words, zero_width=self.source.zero_width)
        fields = walk(cells, self.table, columnar=columnar)
        aside = self._faulty(fields)
        columns = [self.numbers.alias(ROW), *(field.values.alias(field.name) for field in fields)]
        frame = pl.DataFrame([*columns, *self._confirmed(fields)])
        settled = self.table.settled
        carried = self.frame.select(name for name in self.source.frame.columns if name not in settled)
        if aside:
            good = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True).scatter(list(aside), False)
            frame, carried = frame.filter(good), carried.filter(good) if carried.columns else carried
        frame = frame.hstack(self._extra(carried))
        records = Records(
            self.table.table.contract, frame, promises=self.table.promises, unpromised=self._unpromised(fields, aside)
        )
        return Translation((records,), tuple(aside.values()), tuple(self._warned(fields)))

    def _unpromised(self, fields: Sequence[FilledField], aside: Container[int]) -> list[int]:
        """Name the rows that go on and of which a promised field was done by record."""
        promised = (field for field in fields if field.name in self.table.promises.fields)
        redone = {row for field in promised for slot in field.slots for row in slot.rows if row not in aside}
        return self.numbers.gather(sorted(redone)).to_list()

    def _faulty(self, fields: Sequence[FilledField]) -> dict[int, SetAside]:
        """Set rows aside with their first fault, in the order of the fields; the others are only counted."""
        found = [(row, field.name, fault) for field in fields for slot in field.slots for row, fault in slot.faults()]
        faults = Counter(row for row, _field, _fault in found)
        first = {row: (field, fault) for row, field, fault in reversed(found)}
        numbers = self.numbers.gather(pl.Series(list(first), dtype=pl.UInt32))
        lines = self.source.lines.gather(numbers).to_list()
        contract, member = self.table.table.contract, self.source.member
        return {
            row: SetAside(
                Fate.REJECTED,
                fault.reason,
                Place(line, member=member, column=fault.column, field=field),
                number,
                facts={**fault.facts, "faults": str(faults[row])} if faults[row] > 1 else fault.facts,
                contract=contract,
            )
            for (row, (field, fault)), number, line in zip(first.items(), numbers.to_list(), lines, strict=True)
        }

    def _place(self, row: int, column: str, field: str) -> Place:
        line = int(self.source.lines[int(self.numbers[row])])
        return Place(line, member=self.source.member, column=column, field=field)

    def _warned(self, fields: Sequence[FilledField]) -> Iterator[Warned]:
        """Say each doubt at its place; beyond PLACES, the last one carries the count of those that it stands for."""
        for field in fields:
            doubts = [pair for slot in field.slots for pair in slot.doubts()]
            count = Counter((doubt.reason, doubt.column) for _row, doubt in doubts)
            told: Counter[tuple[str, str]] = Counter()
            for row, doubt in doubts:
                key = (doubt.reason, doubt.column)
                told[key] += 1
                if told[key] <= PLACES:
                    rest = count[key] - PLACES + 1 if told[key] == PLACES else 1
                    facts = {**doubt.facts, "count": str(rest)} if rest > 1 else doubt.facts
                    yield Warned(doubt.reason, self._place(row, doubt.column, field.name), facts)

    def _confirmed(self, fields: Sequence[FilledField]) -> list[pl.Series]:
        """Name, row by row, the fields of which the source says that there is nothing."""
        nothing = self.plan.nothing
        said = self.frame.select(says(field.columns, nothing).alias(field.name) for field in fields if nothing)
        found = ((field.name, field.confirmed(said[field.name] if nothing else None)) for field in fields)
        masks = [mask.alias(name) for name, mask in found if mask is not None]
        if not masks:
            return []
        named = [pl.when(mask.name).then(pl.lit(mask.name)) for mask in masks]
        names = pl.DataFrame(masks).select(pl.concat_list(named).list.drop_nulls().alias("confirmed_none"))
        return [names.select(pl.when(pl.all().list.len() > 0).then(pl.all())).to_series()]

    def _extra(self, carried: pl.DataFrame) -> list[pl.Series]:
        """Carry the columns that no converter reads, verbatim, under the supplier's name; those that hold something."""
        values = carried.select(present(name, self.plan.nulls) for name in carried.columns)
        held = [column for column in values if column.null_count() < carried.height]
        if not held:
            return []
        some = pl.any_horizontal(pl.all().is_not_null())
        extra = pl.when(some).then(pl.struct(pl.struct(pl.all()).alias(self.plan.supplier)))
        return [pl.DataFrame(held).select(extra.alias("extra")).to_series()]
