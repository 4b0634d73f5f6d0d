"""Which parcel each row of a table comes from: one for all of them, or several small parcels that are joined."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from passerelle.engine.records.unsaid_fields import to_series
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from passerelle.contracts import canonical
    from passerelle.vocabulary.parcels import Parcel, TextTable

    Indexes = NDArray[np.int64]


_NO_DIGEST = "0" * 64
"""Stands for the parcel where it may not be named."""


@dataclass(frozen=True, slots=True)
class RecordOrigins:
    """A table, and the parcels of its rows. `lines` and `nth` run parallel to its rows."""

    table: TextTable
    parcels: tuple[Parcel, ...]
    lines: pl.Series
    """The line of each row in its own parcel."""
    nth: Indexes
    """The index in `parcels` of the parcel of each row."""
    names: tuple[str, ...] = ()
    """What the parcels are called in provenance; empty: by their digests, as nobody outside may know them."""

    @classmethod
    def of(cls, table: TextTable, parcel: Parcel) -> RecordOrigins:
        """Return the origins of rows that all come from one parcel."""
        return cls(table, (parcel,), table.lines, np.zeros(len(table.lines), dtype=np.int64))

    def name_parcels(self, names: Sequence[str]) -> RecordOrigins:
        """Return origins that name the parcels so."""
        return replace(self, names=tuple(names))

    def hide(self) -> RecordOrigins:
        """Return origins that name neither parcel nor line: in figures they would link the records of one row."""
        return replace(self, names=(_NO_DIGEST,) * len(self.parcels), lines=self.lines * 0)

    def find_parcels(self, rows: pl.Series) -> Indexes:
        """Return the index of the parcel of each of these rows."""
        found: Indexes = self.nth[rows.to_numpy()]
        return found

    def describe_sources(
        self, rows: pl.Series, supplied_by: dict[str, str], unsaid: Sequence[tuple[str, ...]] = ()
    ) -> pl.Expr:
        """Return the column `source` of records, by the rows they come from: whose they are, and what is unsaid."""
        whose = [pl.lit(value).alias(name) for name, value in supplied_by.items()]
        lines = self.lines.gather(rows).cast(pl.Int64).alias("row")
        digests, moments = self._spread("parcel", rows), self._spread("received_at", rows)
        names = [to_series(unsaid)] if any(unsaid) else []
        return pl.struct(*whose, digests, lines, moments, *names).alias("source")

    def encode_tails(
        self, rows: pl.Series, supplied_by: dict[str, str], unsaid: Sequence[tuple[str, ...]] = ()
    ) -> canonical.Pieces:
        """Return the end of each record's line: its source, what closes the record, a line feed."""
        if not len(rows):
            return ("}\n",)
        # Only the row differs within a parcel, and what is unsaid: the rest is encoded once, and cut around it.
        heads = [json.dumps(supplied_by | described, separators=(",", ":")) for described in self._describe_parcels()]
        before, after = zip(*(head.removesuffix("}").split('"row":0', 1) for head in heads), strict=True)
        starts, ends = [f',"source":{text}"row":' for text in before], list(after)
        lines = pl.lit(self.lines.gather(rows).cast(pl.Int64).cast(pl.String))
        closing: canonical.Pieces = ("}}\n",)
        if any(unsaid):
            names = to_series(unsaid).list.eval('"' + pl.element() + '"').list.join(",")
            closing = (pl.lit(',"unsaid":[' + names + "]").fill_null(""), "}}\n")
        if len(self.parcels) == 1:
            return (starts[0], lines, ends[0], *closing)
        nth = self.find_parcels(rows)
        return (pl.lit(pl.Series(starts).gather(nth)), lines, pl.lit(pl.Series(ends).gather(nth)), *closing)

    def _spread(self, name: str, rows: pl.Series) -> pl.Expr:
        values = [described[name] for described in self._describe_parcels()]
        if len(values) == 1:
            return pl.lit(values[0]).alias(name)
        return pl.lit(pl.Series(values).gather(self.find_parcels(rows))).alias(name)

    def _describe_parcels(self) -> Iterator[dict[str, Any]]:
        """Yield what a record says of its parcel, for each of them; its row is filled in later."""
        names = self.names or tuple(parcel.digest for parcel in self.parcels)
        for parcel, name in zip(self.parcels, names, strict=True):
            yield {"parcel": name, "row": 0, "received_at": parcel.received_at.isoformat(timespec="seconds")}
