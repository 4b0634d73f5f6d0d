"""One table's rows through both gaits: columns first, then by record what the columns are not sure of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stages.translate.columnar import evaluate
from passerelle.stages.translate.rowwise import Redone, by_record

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from passerelle.stages.translate.converter import Doubtful, Fault
    from passerelle.stages.translate.plan import TablePlan
    from passerelle.stages.translate.slot import Slot


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot's values for every row, and what was said of the rows parsed by record."""

    slot: Slot
    values: pl.Series
    rows: Sequence[int] = ()
    """Rows that were parsed by record, counted from 0; in step with `redone.nth`."""
    redone: Redone | None = None

    def faults(self) -> Iterator[tuple[int, Fault]]:
        """Give the rows that cannot be translated."""
        if self.redone:
            yield from ((row, self.redone.faults[nth]) for row, nth in self._among(self.redone.faults))

    def doubts(self) -> Iterator[tuple[int, Doubtful]]:
        """Give the rows of which something is to be said."""
        if self.redone:
            yield from ((row, self.redone.doubts[nth]) for row, nth in self._among(self.redone.doubts))

    def none(self) -> list[int]:
        """Give the rows of which a converter says that there is explicitly nothing."""
        return [row for row, _nth in self._among(self.redone.none)] if self.redone else []

    def _among(self, wanted: Container[int]) -> Iterator[tuple[int, int]]:
        if self.redone and wanted:
            yield from (pair for pair in zip(self.rows, self.redone.nth, strict=True) if pair[1] in wanted)


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field's values for every row of a table."""

    name: str
    columns: tuple[str, ...]
    values: pl.Series
    slots: tuple[Filled, ...]

    def confirmed(self, said: pl.Series | None) -> pl.Series | None:
        """Say in which rows there is explicitly nothing; None: in none.

        `said`: one of the field's cells holds a «nothing» word. None: the supplier has no such word.
        """
        rows = [row for slot in self.slots for row in slot.none()]
        if said is None and not rows:
            return None
        said = pl.repeat(False, len(self.values), dtype=pl.Boolean, eager=True) if said is None else said.clone()
        confirmed = said.scatter(rows, True) & self.values.is_null()  # scatter changes the series itself
        return confirmed if confirmed.any() else None


def walk(cells: pl.DataFrame, table: TablePlan, *, columnar: bool) -> tuple[FilledField, ...]:
    """Translate every field of the rows of one table, from prepared cells."""
    slots = table.slots
    faces = evaluate(cells, slots) if columnar else [None] * len(slots)
    filled = iter([_fill(cells, slot, face) for slot, face in zip(slots, faces, strict=True)])
    walked = []
    for field in table.fields:
        own = tuple(islice(filled, len(field.slots)))
        walked.append(FilledField(field.name, field.columns, _united(own), own))
    return tuple(walked)


def _fill(cells: pl.DataFrame, slot: Slot, face: tuple[pl.Series, pl.Series] | None) -> Filled:
    if face is None:
        redone = by_record(cells, slot)
        places = pl.Series(redone.nth, dtype=pl.UInt32)
        return Filled(slot, _series(redone, slot).gather(places), range(cells.height), redone)
    values, plain = face
    if plain.all():
        return Filled(slot, values)
    rows = plain.not_().arg_true()
    redone = by_record(cells.select(slot.columns)[rows], slot)
    places = pl.int_range(len(values), dtype=pl.UInt32, eager=True)
    places = places.scatter(rows, pl.Series(redone.nth, dtype=pl.UInt32) + len(values))
    return Filled(slot, pl.concat([values, _series(redone, slot)]).gather(places), rows.to_list(), redone)


def _series(redone: Redone, slot: Slot) -> pl.Series:
    return pl.Series(slot.field, redone.values, dtype=slot.dtype, strict=True)


def _united(slots: Sequence[Filled]) -> pl.Series:
    """Give one column out of a field's slots: items that are empty are dropped, and so are lists without items."""
    if not isinstance(slots[0].slot.dtype, pl.List):
        return slots[0].values
    if len(slots) == 1:
        items = slots[0].values
        return items.to_frame().select(pl.when(pl.all().list.len() > 0).then(pl.all())).to_series()
    # polars joins lists row by row, slowly: a hundred times slower than their items one after the other
    sizes = [slot.values.list.len().fill_null(0).to_numpy() for slot in slots]
    items = pl.concat([slot.values.explode(empty_as_null=False, keep_nulls=False) for slot in slots])
    if not items.null_count() and all((some == 1).all() for some in sizes):
        return _in_turn(items, len(slots))
    rows = np.concatenate([np.repeat(np.arange(len(some)), some) for some in sizes])
    order = np.argsort(rows, kind="stable")
    there = pl.DataFrame({"row": rows[order], "item": items.gather(order)}).filter(pl.col("item").is_not_null())
    lists = there.group_by("row", maintain_order=True).agg("item")
    everyone = pl.int_range(len(slots[0].values), dtype=pl.Int64, eager=True).alias("row").to_frame()
    if lists.height < everyone.height:
        lists = everyone.join(lists, on="row", how="left", maintain_order="left")
    return lists.get_column("item")


def _in_turn(items: pl.Series, count: int) -> pl.Series:
    """Make lists of `count` items each: the first of every row, then the second of every row, and so on, come in."""
    order = np.arange(len(items)).reshape(count, -1).T.ravel()
    return items.gather(order).reshape((-1, count)).cast(pl.List(items.dtype))
