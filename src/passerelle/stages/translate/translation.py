"""Translation of a batch: a supplier's rows in, records of each contract and what is set aside out."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.cells import contain_words, keep_verbatim, match_conditions, prepare_cells
from passerelle.stages.translate.field_values import translate_fields
from passerelle.stages.translate.marked_cells import clear_marked, find_faults, find_undecided, list_unread
from passerelle.stages.translate.structured_cells import find_objects, find_structured
from passerelle.vocabulary.language import get_current
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from passerelle.stages.translate.converter import Doubtful, Fault
    from passerelle.stages.translate.field_values import FilledField, FilledSlot
    from passerelle.stages.translate.plan import TablePlan, TranslationPlan
    from passerelle.vocabulary.parcels import TextTable

PLACES = 100
"""Most places reported of one warning in one column; the last one carries the count of all the others."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Outcome of translating rows. A row that belongs to several tables counts once in each."""

    records: tuple[Records, ...]
    """One for each table that has rows, in the order of the tables; their own `aside` is empty."""
    aside: tuple[SetAside, ...] = ()
    """In the order of the rows."""
    warned: tuple[RowWarning, ...] = ()
    faulty: tuple[tuple[str, pl.DataFrame], ...] = ()
    """By contract, of rows set aside: the fields in `keep` as far as they could be read, null where they could not."""
    deleted: tuple[tuple[str, pl.DataFrame], ...] = ()
    """By contract: `ROW` and `ref` of the rows that announce a deletion."""

    @property
    def received(self) -> int:
        """How many records came in: rows by the tables they belong to, and rows of no table."""
        counted = (*(entry.frame for entry in self.records), *(frame for _contract, frame in self.deleted))
        return sum(frame.height for frame in counted) + len(self.aside)

    def iter_frames(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Iterate over the contract and the fields of all that was read: the records, then rows set aside."""
        yield from ((entry.contract, entry.frame) for entry in self.records)
        yield from self.faulty


def translate(
    table: TextTable,
    plan: TranslationPlan,
    *,
    columnar: bool = True,
    strict: Container[str] = (),
    keep: frozenset[str] = frozenset(),
    each_place: bool = False,
) -> Translation:
    """Translate every row. Without `columnar` all of it is row-wise: slower, and the same result.

    A row with a doubt whose code is in `strict` is set aside for it. `keep` names the fields that are wanted of rows
    that are set aside, too. With `each_place` every warning is about one row, and none counts others.
    """
    tables = plan.list_tables(table.member)
    frame = _add_missing_columns(table.frame, tables, plan.list_scope_columns(table.member))
    numbers = pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    left_out, aside = _find_out_of_scope(table, frame, plan)
    has_no_table = ~left_out
    parts: list[Translation] = []
    places = sys.maxsize if each_place else PLACES
    warned = _list_unread_marks(table, plan, each_place=each_place) if table.marked else []
    for entry in tables:
        is_mine = frame.select(
            (pl.lit(left_out).not_() & match_conditions(entry.table.where)).alias("mine")
        ).to_series()
        has_no_table &= ~is_mine
        if is_mine.any():
            is_mine, deletions = _translate_deletions(table, entry, plan, frame, numbers, is_mine)
            parts += deletions
        if is_mine.any():
            rows = _TableRows(table, entry, plan, frame.filter(is_mine), numbers.filter(is_mine), places)
            parts.append(rows.translate(columnar=columnar, strict=strict, keep=keep))
    aside += [item for part in parts for item in part.aside]
    aside += _set_strangers_aside(table, frame, tables, has_no_table)
    return Translation(
        tuple(records for part in parts for records in part.records),
        tuple(sorted(aside, key=lambda entry: entry.row or 0)),
        (*warned, *(warning for part in parts for warning in part.warned)),
        tuple(pair for part in parts for pair in part.faulty),
        tuple(pair for part in parts for pair in part.deleted),
    )


def _set_strangers_aside(
    table: TextTable, frame: pl.DataFrame, tables: Sequence[TablePlan], has_no_table: pl.Series
) -> list[SetAside]:
    """Set rows aside that belong to no table: for the cell that would have said to which, where it has no value."""
    if not has_no_table.any():
        return []
    columns = {column for entry in tables for where in entry.table.where for column in where.columns}
    faults = find_faults(frame, sorted(columns)) if table.marked else {}
    return [
        _set_undecided_aside(table, row, faults[row])
        if row in faults
        else _set_aside(table, row, "translate.row.no_table")
        for row in has_no_table.arg_true()
    ]


def _translate_deletions(
    table: TextTable,
    entry: TablePlan,
    plan: TranslationPlan,
    frame: pl.DataFrame,
    numbers: pl.Series,
    is_mine: pl.Series,
) -> tuple[pl.Series, list[Translation]]:
    """Return the rows of a table that are records, and the translation of those that announce a deletion."""
    if not entry.table.deleted:
        return is_mine, []
    announces = frame.select(match_conditions(entry.table.deleted).alias("gone")).to_series() & is_mine
    if table.marked and (open_rows := find_undecided(frame, entry.table.deleted)):
        # they stay records, whose marked cell sets them aside: an error of a formula deletes nothing
        announces = announces.scatter(list(open_rows), False)
    if not announces.any():
        return is_mine, []
    # only the ref: whoever announces a deletion need not send the record any more
    only_ref = replace(entry, fields=tuple(field for field in entry.fields if field.name == "ref"))
    rows = _TableRows(table, only_ref, plan, frame.filter(announces), numbers.filter(announces))
    return is_mine & ~announces, [rows.translate_refs()]


def _list_unread_marks(table: TextTable, plan: TranslationPlan, *, each_place: bool) -> list[RowWarning]:
    """Warn of cells that a spreadsheet left without value, in columns that no table reads."""
    tables = plan.list_tables(table.member)
    read = set(plan.list_scope_columns(table.member)).union(*(entry.columns for entry in tables))
    read |= {column for entry in tables for column in entry.conditions}
    return list_unread(table, read, each_place=each_place)


def _add_missing_columns(
    frame: pl.DataFrame, tables: Sequence[TablePlan], scope_columns: frozenset[str]
) -> pl.DataFrame:
    """Add the columns that the supplier did not send, as nulls; drift reports them, not translation."""
    needed = set(scope_columns).union(*(entry.columns for entry in tables), *(entry.required for entry in tables))
    needed |= {column for entry in tables for column in entry.conditions}
    absent = pl.lit(None, pl.String)
    return frame.with_columns(absent.alias(name) for name in sorted(needed - set(frame.columns)))


def _find_out_of_scope(
    table: TextTable, frame: pl.DataFrame, plan: TranslationPlan
) -> tuple[pl.Series, list[SetAside]]:
    left_out = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    aside: list[SetAside] = []
    undecided: dict[int, Fault] = {}
    for scope in plan.list_scopes(table.member):
        # The first scope that a row meets gives the reason: it is counted once.
        is_mine = frame.select((pl.lit(left_out).not_() & match_conditions(scope.where)).alias("mine")).to_series()
        if table.marked and (open_rows := find_undecided(frame, scope.where)):
            is_mine = is_mine.scatter(list(open_rows), False)
            undecided = open_rows | undecided
        details = {"why": scope.fr if get_current() == "fr" else scope.en}
        if scope.is_error:
            error = partial(SetAside, Fate.REJECTED, "translate.row.error_answer", details=details)
            aside += [error(place=_find_place(table, row), row=row) for row in is_mine.arg_true()]
        else:
            aside += [_set_aside(table, row, "translate.row.out_of_scope", details) for row in is_mine.arg_true()]
        left_out |= is_mine
    left_for_good = set(left_out.arg_true().to_list())
    waiting = {row: fault for row, fault in undecided.items() if row not in left_for_good}
    aside += [_set_undecided_aside(table, row, fault) for row, fault in waiting.items()]
    if waiting:
        left_out = left_out.scatter(list(waiting), True)
    return left_out, aside


def _set_aside(table: TextTable, row: int, reason: str, details: Mapping[str, str] | None = None) -> SetAside:
    place = _find_place(table, row)
    if details is None:
        return SetAside(Fate.REJECTED, reason, place, row)
    return SetAside(Fate.WITHHELD, reason, place, row, details=details, needs_quarantine=False)


def _set_undecided_aside(table: TextTable, row: int, fault: Fault) -> SetAside:
    place = Place(int(table.lines[row]), member=table.member, column=fault.column)
    return SetAside(Fate.REJECTED, fault.reason, place, row, details=fault.details)


def _find_place(table: TextTable, row: int) -> Place:
    return Place(int(table.lines[row]), member=table.member)


def _iter_refusals(slot: FilledSlot, strict: Container[str]) -> Iterator[tuple[int, Fault | Doubtful]]:
    """Yield the rows that a slot refuses: those with a fault, and those with a doubt that is strict."""
    yield from slot.iter_faults()
    yield from (pair for pair in slot.iter_doubts() if pair[1].reason in strict)


@dataclass(frozen=True, slots=True)
class _TableRows:
    """The rows of one table: `frame` as received, `numbers` their places in the batch."""

    source: TextTable
    table: TablePlan
    plan: TranslationPlan
    frame: pl.DataFrame
    numbers: pl.Series
    places: int = PLACES

    def translate_refs(self) -> Translation:
        """Translate the refs alone; rows without a readable one are set aside."""
        cells = prepare_cells(self.frame, self.table.columns, (*self.plan.nulls, *self.plan.nothing))
        marked = find_faults(cells, self.table.columns) if self.source.marked else {}
        fields = translate_fields(cells, self.table, columnar=False)
        aside = self._set_faulty_aside(fields, self._find_structured(cells) | marked, ())
        frame = pl.DataFrame([self.numbers.alias(ROW), fields[0].values.alias("ref")])
        is_good = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True).scatter(list(aside), False)
        nameless = frame.filter(is_good & frame.get_column("ref").is_null()).get_column(ROW).to_list()
        return Translation(
            (),
            (*aside.values(), *(_set_aside(self.source, row, "whole.deletion.nameless") for row in nameless)),
            deleted=((self.table.table.contract, frame.filter(is_good).drop_nulls("ref")),),
        )

    def translate(
        self, *, columnar: bool, strict: Container[str] = (), keep: frozenset[str] = frozenset()
    ) -> Translation:
        words = (*self.plan.nulls, *self.plan.nothing)
        cells = prepare_cells(self.frame, self.table.columns, words, zero_width=self.source.zero_width)
        marked: dict[int, Fault] = {}
        if self.source.marked:
            marked = find_faults(cells, self.table.columns) | find_faults(self.frame, self.table.conditions)
            cells = clear_marked(cells, self.table.columns)
        marked = self._find_structured(cells) | marked
        fields = translate_fields(cells, self.table, columnar=columnar)
        aside = self._set_faulty_aside(fields, marked, strict)
        columns = [self.numbers.alias(ROW), *(field.values.alias(field.name) for field in fields)]
        frame = pl.DataFrame([*columns, *self._make_confirmed_none(fields)])
        left_out = self.table.not_carried
        carried = pl.DataFrame(
            [
                self.frame.get_column(name)
                for name in self.source.frame.columns
                if name not in left_out and self.plan.find_unread_reason(name) is None
            ]
        )
        faulty: tuple[tuple[str, pl.DataFrame], ...] = ()
        if aside:
            is_good = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True).scatter(list(aside), False)
            wanted = [name for name in frame.columns if name in keep]
            faulty = ((self.table.table.contract, frame.filter(~is_good).select(wanted)),) if wanted else ()
            frame, carried = frame.filter(is_good), carried.filter(is_good) if carried.columns else carried
        frame = frame.hstack(self._make_extra(carried))
        # A guarantee holds for what was translated columnar: rows redone row-wise are checked in full.
        with_guarantee = (field for field in fields if field.name in self.table.guarantees.fields)
        redone = {row for field in with_guarantee for slot in field.slots for row in slot.rows if row not in aside}
        records = Records(
            self.table.table.contract,
            frame,
            guarantees=self.table.guarantees,
            rows_without_guarantee=self.numbers.gather(sorted(redone)).to_list(),
        )
        return Translation((records,), tuple(aside.values()), tuple(self._iter_warnings(fields, strict)), faulty)

    def _find_structured(self, cells: pl.DataFrame) -> dict[int, Fault]:
        """Find the rows with a list or an object where a text is expected."""
        texts = [name for name in self.table.texts if name in cells.columns]
        if not texts:
            return {}
        tables = self.plan.list_tables(self.source.member)
        strangers = [
            name
            for name in self.source.frame.columns
            if "." in name
            and not any(entry.knows(name) for entry in tables)
            and self.plan.find_unread_reason(name) is None
        ]
        return find_objects(cells, self.frame, texts, strangers) | find_structured(cells, texts)

    def _set_faulty_aside(
        self, fields: Sequence[FilledField], marked: Mapping[int, Fault], strict: Container[str]
    ) -> dict[int, SetAside]:
        """Set rows aside, each with its first fault in the order of the fields; the others are only counted.

        `marked` are the rows with a cell that holds no value of its own, such as a list: that goes before what
        follows of it.
        """
        reading = {column: field.name for field in reversed(fields) for column in field.columns}
        entries: list[tuple[int, str, Fault | Doubtful]] = [
            *((row, reading.get(fault.column, ""), fault) for row, fault in marked.items()),
            *(
                (row, field.name, fault)
                for field in fields
                for slot in field.slots
                for row, fault in _iter_refusals(slot, strict)
            ),
        ]
        faults = Counter(row for row, _field, _fault in entries)
        # Written backwards, so that the first fault of each row is the one that stays.
        first = {row: (field, fault) for row, field, fault in reversed(entries)}
        numbers = self.numbers.gather(pl.Series(list(first), dtype=pl.UInt32))
        lines = self.source.lines.gather(numbers).to_list()
        contract, member = self.table.table.contract, self.source.member
        return {
            row: SetAside(
                Fate.REJECTED,
                fault.reason,
                Place(line, member=member, column=fault.column, field=field),
                number,
                details={**fault.details, "faults": str(faults[row])} if faults[row] > 1 else fault.details,
                contract=contract,
            )
            for (row, (field, fault)), number, line in zip(first.items(), numbers.to_list(), lines, strict=True)
        }

    def _iter_warnings(self, fields: Sequence[FilledField], strict: Container[str]) -> Iterator[RowWarning]:
        """Yield a warning for each doubtful value; beyond `places`, the last one carries the count of the others."""
        for field in fields:
            doubts = [pair for slot in field.slots for pair in slot.iter_doubts() if pair[1].reason not in strict]
            count = Counter((doubt.reason, doubt.column) for _row, doubt in doubts)
            reported: Counter[tuple[str, str]] = Counter()
            for row, doubt in doubts:
                key = (doubt.reason, doubt.column)
                reported[key] += 1
                if reported[key] <= self.places:
                    rest = count[key] - self.places + 1 if reported[key] == self.places else 1
                    details = {**doubt.details, "count": str(rest)} if rest > 1 else doubt.details
                    line = int(self.source.lines[int(self.numbers[row])])
                    place = Place(line, member=self.source.member, column=doubt.column, field=field.name)
                    yield RowWarning(doubt.reason, place, details, self.table.table.contract)

    def _make_confirmed_none(self, fields: Sequence[FilledField]) -> list[pl.Series]:
        """Return the column `confirmed_none`: by row, the fields that the source says are empty; [] when in no row."""
        nothing = self.plan.nothing
        has_nothing_word = self.frame.select(
            contain_words(field.columns, nothing).alias(field.name) for field in fields if nothing
        )
        entries = (
            (field.name, field.mark_confirmed_none(has_nothing_word[field.name] if nothing else None))
            for field in fields
        )
        masks = [mask.alias(name) for name, mask in entries if mask is not None]
        if not masks:
            return []
        named = [pl.when(mask.name).then(pl.lit(mask.name)) for mask in masks]
        names = pl.DataFrame(masks).select(pl.concat_list(named).list.drop_nulls().alias("confirmed_none"))
        return [names.select(pl.when(pl.all().list.len() > 0).then(pl.all())).to_series()]

    def _make_extra(self, carried: pl.DataFrame) -> list[pl.Series]:
        """Return the column `extra`: cells no converter reads, verbatim, under the supplier's name; [] if all empty."""
        # One expression for all: there may be thousands, and polars expands it faster than we write each.
        values = carried.select(keep_verbatim(pl.all(), self.plan.nulls))
        filled = [column for column in values if column.null_count() < carried.height]
        if not filled:
            return []
        is_filled = pl.any_horizontal(pl.all().is_not_null())
        extra = pl.when(is_filled).then(pl.struct(pl.struct(pl.all()).alias(self.plan.supplier)))
        return [pl.DataFrame(filled).select(extra.alias("extra")).to_series()]
