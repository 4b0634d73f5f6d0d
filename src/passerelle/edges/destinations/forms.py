"""The forms in which records are written to a file: the same records always give the same bytes."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import field
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from passerelle.edges.destinations.flat import flatten
from passerelle.edges.destinations.laid_rows import LaidRows, WrittenFile, complete_columns, drop_row_number
from passerelle.vocabulary.bodies import Bodies
from passerelle.vocabulary.grouped_names import split_names
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.spreadsheet_cells import quote_formulas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from passerelle.edges.destinations.own_answers import Unmapped
    from passerelle.vocabulary.parcels import Delivery

_LINE = "line"
"""The one column of records that are lines already."""


@dataclass(frozen=True, slots=True)
class LayoutRows:
    """Rows of a supplier's own layout, one a record in their order, and what it has no column for."""

    table: pl.DataFrame
    unmapped: Unmapped = field(default_factory=dict)
    refused: Mapping[int, Answer] = field(default_factory=dict)
    """Rows that the supplier could not import, by index: they are not written."""


Layout = Callable[[str, pl.DataFrame], LayoutRows]
"""`layout(contract, frame)` renders records into rows of a supplier's own layout."""


@dataclass(frozen=True, slots=True)
class Ndjson:
    """One canonical JSON object a line, provenance included."""

    extension: str = "ndjson"
    most_rows: int | None = None

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the bodies as they are."""
        if isinstance(delivery.bodies, Bodies):
            return WrittenFile(delivery.bodies.iter_lines())
        return WrittenFile(b"".join(body + b"\n" for body in delivery.bodies))

    def lay_out(self, delivery: Delivery) -> LaidRows:
        """Return the bodies as they are."""
        return LaidRows(pl.DataFrame({_LINE: list(delivery.bodies)}, {_LINE: pl.Binary}))

    def encode(self, _contract: str, tables: Iterable[pl.DataFrame], _columns: Sequence[str]) -> Iterator[bytes]:
        """Yield the lines, table by table."""
        for table in tables:
            yield b"".join(line + b"\n" for line in table.get_column(_LINE))


@dataclass(frozen=True, slots=True)
class Parquet:
    """Columns with the contract's own nesting."""

    extension: str = "parquet"
    most_rows: int | None = None

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the frame."""
        return WrittenFile(write_parquet(drop_row_number(delivery.frame)))

    def lay_out(self, delivery: Delivery) -> LaidRows:
        """Return the frame."""
        return LaidRows(drop_row_number(delivery.frame))

    def encode(self, _contract: str, tables: Iterable[pl.DataFrame], columns: Sequence[str]) -> bytes:
        """Return one file; all rows are in memory together."""
        # relaxed: a column, or a part of an object, that one batch has no value for has no type there
        return write_parquet(pl.concat(list(tables), how="diagonal_relaxed").select(columns))


def write_parquet(table: pl.DataFrame) -> bytes:
    """Return a table as a Parquet file."""
    target = BytesIO()
    table.write_parquet(target)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class CsvForm:
    """A header row, CRLF, quotes where needed; what a spreadsheet would run is quoted unless `keeps_formulas`.

    In contract form `;`, UTF-8 with byte-order mark. A `layout` renders another form, one row a record in their order.
    """

    layout: Layout | None = None
    delimiter: str = ";"
    quote: str = '"'
    encoding: str = ""
    """Empty: UTF-8 with byte-order mark."""
    keeps_formulas: bool = False
    """Whether texts that begin like a formula are written as they are: a machine reads them, nobody opens the file."""
    header_rows: int = 1
    """Rows of names that a supplier's layout has."""
    extension: str = "csv"

    most_rows: int | None = None

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the records that the encoding can hold."""
        rows = self.lay_out(delivery)
        return WrittenFile(self.encode_table(rows.drop_refused()), rows.refused, rows.unmapped)

    def lay_out(self, delivery: Delivery) -> LaidRows:
        """Return the records as rows of this layout."""
        frame = drop_row_number(delivery.frame)
        rows = LayoutRows(flatten(frame)) if self.layout is None else self.layout(delivery.contract, frame)
        table = rows.table if self.layout is None else _sort_repeats(rows.table)
        if table.height != frame.height:
            message = "a layout gives one row a record, in their order"
            raise ValueError(message)
        refused = {**self.find_unencodable(table), **rows.refused}
        unmapped = {index: names for index, names in rows.unmapped.items() if index not in refused}
        return LaidRows(table, refused, unmapped)

    def encode_table(self, table: pl.DataFrame) -> bytes:
        """Return the rows of a table as bytes, below their header."""
        return b"".join(self.encode("", [table], table.columns))

    def encode(self, _contract: str, tables: Iterable[pl.DataFrame], columns: Sequence[str]) -> Iterator[bytes]:
        """Yield the header, then the rows table by table."""
        # one encoder for all: it writes the byte-order mark once. Every cell was tried: what is replaced, if anything,
        # is in the names of the columns
        encoder = codecs.getincrementalencoder(self.encoding or "utf-8-sig")("replace")
        # in a supplier's layout `Motif#2` is `Motif` again, as the supplier wrote it
        header = [name if self.layout is None else _restore_name(name, columns) for name in columns]
        yield encoder.encode(self._write_text(pl.DataFrame(split_names(header, self.header_rows), orient="row")))
        for table in tables:
            shown = complete_columns(table, columns)
            yield encoder.encode(self._write_text(shown if self.keeps_formulas else quote_formulas(shown)))

    def _write_text(self, table: pl.DataFrame) -> str:
        return table.write_csv(
            include_header=False, separator=self.delimiter, quote_char=self.quote, line_terminator="\r\n"
        )

    def find_unencodable(self, table: pl.DataFrame) -> dict[int, Answer]:
        """Return the answers for rows with a text that the encoding cannot write, by index."""
        if not self.encoding or self.encoding.lower().startswith("utf"):
            return {}
        answer = Answer(Fate.REFUSED, "deliver.text.unencodable", {"encoding": self.encoding})
        rows = table.select(pl.col(pl.String)).iter_rows()
        return {index: answer for index, row in enumerate(rows) if not _is_encodable(row, self.encoding)}


def _restore_name(name: str, names: Sequence[str]) -> str:
    """Return a column's name as supplied, before decoding made it unique: `Motif#2` → `Motif`, `#7` → empty."""
    base, mark, count = name.rpartition("#")
    return base if mark and count.isdecimal() and (not base or base in names) else name


def _sort_repeats(table: pl.DataFrame) -> pl.DataFrame:
    """Put `Motif` before `Motif#2`: once both are called `Motif`, only their order tells them apart."""
    names = list(table.columns)
    for base in table.columns:
        repeats = [name for name in names if name == base or _restore_name(name, [base]) == base]
        places = sorted(names.index(name) for name in repeats)
        for place, name in zip(places, sorted(repeats, key=lambda name: (len(name), name)), strict=True):
            names[place] = name
    return table.select(names)


def _is_encodable(row: tuple[str | None, ...], encoding: str) -> bool:
    try:
        "".join(filter(None, row)).encode(encoding)
    except UnicodeError:
        return False
    return True
