"""One table's fields, translated: columnar first, then row-wise the rows in which that is not sure."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stages.translate.columnar import evaluate
from passerelle.stages.translate.rowwise import RowwiseOutcomes, parse_rows
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from passerelle.stages.translate.converter import Doubtful, Fault
    from passerelle.stages.translate.plan import TablePlan
    from passerelle.stages.translate.slot import ConverterSlot


@dataclass(frozen=True, slots=True)
class FilledSlot:
    """A slot's values for every row, with the outcomes of the rows translated row-wise."""

    slot: ConverterSlot
    values: pl.Series
    rows: Sequence[int] = ()
    """Rows that were translated row-wise, counted from 0; in step with `outcomes.nth`."""
    outcomes: RowwiseOutcomes | None = None

    def iter_faults(self) -> Iterator[tuple[int, Fault]]:
        """Yield the rows that cannot be translated, with their faults."""
        if self.outcomes:
            yield from ((row, self.outcomes.faults[nth]) for row, nth in self._select_rows(self.outcomes.faults))

    def iter_doubts(self) -> Iterator[tuple[int, Doubtful]]:
        """Yield the rows whose values carry a warning."""
        if self.outcomes:
            yield from ((row, self.outcomes.doubts[nth]) for row, nth in self._select_rows(self.outcomes.doubts))

    def list_none_rows(self) -> list[int]:
        """Return the rows in which a converter read an explicit «nothing»."""
        return [row for row, _nth in self._select_rows(self.outcomes.none)] if self.outcomes else []

    def _select_rows(self, wanted: Container[int]) -> Iterator[tuple[int, int]]:
        if self.outcomes and wanted:
            yield from (pair for pair in zip(self.rows, self.outcomes.nth, strict=True) if pair[1] in wanted)


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field's values for every row of a table."""

    name: str
    columns: tuple[str, ...]
    values: pl.Series
    slots: tuple[FilledSlot, ...]

    def mark_confirmed_none(self, has_nothing_word: pl.Series | None) -> pl.Series | None:
        """Mark the rows in which there is explicitly nothing; None: in no row.

        `has_nothing_word` marks the rows of which a cell holds a «nothing» word; None: the supplier has no such word.
        """
        rows = [row for slot in self.slots for row in slot.list_none_rows()]
        if has_nothing_word is None and not rows:
            return None
        has_nothing_word = (
            pl.repeat(False, len(self.values), dtype=pl.Boolean, eager=True)
            if has_nothing_word is None
            else has_nothing_word.clone()
        )
        confirmed = has_nothing_word.scatter(rows, True) & self.values.is_null()  # scatter changes the series itself
        return confirmed if confirmed.any() else None


def translate_fields(cells: pl.DataFrame, table: TablePlan, *, columnar: bool) -> tuple[FilledField, ...]:
    """Translate every field of the rows of one table, from prepared cells."""
    slots = table.slots
    evaluated = evaluate(cells, slots) if columnar else [None] * len(slots)
    filled = iter([_fill_slot(cells, slot, columns) for slot, columns in zip(slots, evaluated, strict=True)])
    translated = []
    for field in table.fields:
        own = tuple(islice(filled, len(field.slots)))
        translated.append(FilledField(field.name, field.columns, _unite_slots(own), own))
    return tuple(translated)


def _fill_slot(cells: pl.DataFrame, slot: ConverterSlot, columns: tuple[pl.Series, pl.Series] | None) -> FilledSlot:
    if columns is None:
        outcomes = parse_rows(cells, slot)
        places = pl.Series(outcomes.nth, dtype=pl.UInt32)
        return FilledSlot(slot, _to_series(outcomes, slot).gather(places), range(cells.height), outcomes)
    values, plain = columns
    if plain.all():
        return FilledSlot(slot, values)
    rows = plain.not_().arg_true()
    outcomes = parse_rows(cells.select(slot.columns)[rows], slot)
    places = pl.int_range(len(values), dtype=pl.UInt32, eager=True)
    places = places.scatter(rows, pl.Series(outcomes.nth, dtype=pl.UInt32) + len(values))
    return FilledSlot(slot, pl.concat([values, _to_series(outcomes, slot)]).gather(places), rows.to_list(), outcomes)


def _to_series(outcomes: RowwiseOutcomes, slot: ConverterSlot) -> pl.Series:
    values, dtype = outcomes.values, slot.dtype
    # polars makes a table of its own for each list of structs: one of all items is forty times faster
    if isinstance(dtype, pl.List) and all(
        value is None or (len(value) == 1 and value[0] is not None) for value in values
    ):
        filled = [value[0] for value in values if value is not None]
        items = pl.Series(slot.field, filled, dtype=dtype.inner, strict=True)
        counts = iter(range(len(filled)))
        places = [None if value is None else next(counts) for value in values]
        lists = items.reshape((-1, 1)).cast(dtype) if filled else pl.Series(slot.field, [], dtype=dtype)
        return lists.gather(pl.Series(places, dtype=pl.UInt32))
    return pl.Series(slot.field, values, dtype=dtype, strict=True)


def _unite_slots(slots: Sequence[FilledSlot]) -> pl.Series:
    """Return one column from a field's slots: empty items are dropped, and so are lists without items."""
    if not isinstance(slots[0].slot.dtype, pl.List):
        return slots[0].values
    if len(slots) == 1:
        items = slots[0].values
        return items.to_frame().select(pl.when(pl.all().list.len() > 0).then(pl.all())).to_series()
    # polars joins lists row by row, slowly: a hundred times slower than their items one after the other
    sizes = [slot.values.list.len().fill_null(0).to_numpy() for slot in slots]
    items = pl.concat([slot.values.explode(empty_as_null=False, keep_nulls=False) for slot in slots])
    if not items.null_count() and all((counts == 1).all() for counts in sizes):
        # One item of each slot in every row: the order is a transposition, no grouping is needed.
        order = np.arange(len(items)).reshape(len(slots), -1).T.ravel()
        return items.gather(order).reshape((-1, len(slots))).cast(pl.List(items.dtype))
    rows = np.concatenate([np.repeat(np.arange(len(counts)), counts) for counts in sizes])
    order = np.argsort(rows, kind="stable")
    filled = pl.DataFrame({"row": rows[order], "item": items.gather(order)}).filter(pl.col("item").is_not_null())
    lists = filled.group_by("row", maintain_order=True).agg("item")
    all_rows = pl.int_range(len(slots[0].values), dtype=pl.Int64, eager=True).alias("row").to_frame()
    if lists.height < all_rows.height:  # rows without items are in no group: they get a null list
        lists = all_rows.join(lists, on="row", how="left", maintain_order="left")
    return lists.get_column("item")
