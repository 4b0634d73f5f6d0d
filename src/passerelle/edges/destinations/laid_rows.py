"""The records of a batch as the rows of a file, and what the forms of files have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

import polars as pl

from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.edges.destinations.own_answers import Unmapped
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery

Content = bytes | Iterable[bytes | memoryview]
"""A file's bytes: whole, or piece by piece."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file's bytes, and what they could not hold: index in the batch → its answer."""

    content: Content = field(repr=False)
    refused: Mapping[int, Answer] = field(default_factory=dict)
    unmapped: Unmapped = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LaidRows:
    """One row a record, in their order, refused ones too, and what a file cannot hold: index → its answer."""

    table: pl.DataFrame = field(repr=False)
    refused: Mapping[int, Answer] = field(default_factory=dict)
    unmapped: Unmapped = field(default_factory=dict)

    def drop_refused(self, table: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return the rows that a file holds, or these rows of another table of the same records."""
        table = self.table if table is None else table
        return table if not self.refused else table.filter(~pl.int_range(pl.len()).is_in(list(self.refused)))


class Form(Protocol):
    """How records become a file's bytes: in memory, so that no temporary file elsewhere ever holds personal data."""

    @property
    def extension(self) -> str:
        """Ending of the file name, without the dot."""
        ...

    @property
    def most_rows(self) -> int | None:
        """How many records a file holds at most; None: as many as there are."""
        ...

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write all records of a batch that the form can hold."""
        ...

    def lay_out(self, delivery: Delivery) -> LaidRows:
        """Return the records of a batch as rows."""
        ...

    def encode(self, contract: str, tables: Iterable[pl.DataFrame], columns: Sequence[str]) -> Content:
        """Return a file with the rows of several batches, one after the other, in these columns.

        The tables come from `lay_out`, without what is refused; one that lacks a column has nothing there.
        """
        ...


def drop_row_number(frame: pl.DataFrame) -> pl.DataFrame:
    """Return records without the number of the row that they come from."""
    return frame.drop(ROW, strict=False)


def complete_columns(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return a table with exactly these columns, in their order; empty where it had none."""
    return table.select(pl.col(name) if name in table.columns else pl.lit(None).alias(name) for name in columns)


def merge_columns(lists: Iterable[Sequence[str]]) -> list[str]:
    """Return all columns of several tables: what one has more stands behind what it stands behind there."""
    merged: list[str] = []
    for names in lists:
        place = 0
        for name in names:
            if name in merged:
                place = merged.index(name) + 1
            else:
                merged.insert(place, name)
                place += 1
    return merged
