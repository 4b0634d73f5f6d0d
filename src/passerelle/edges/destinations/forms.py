"""The forms in which records are written to a file: the same records always give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

import polars as pl

from passerelle.edges.destinations.flat import flatten
from passerelle.vocabulary.bodies import Bodies
from passerelle.vocabulary.grouped_names import split_names
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.place import ROW
from passerelle.vocabulary.spreadsheet_cells import quote_formulas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.edges.destinations.own_answers import Unmapped
    from passerelle.vocabulary.parcels import Delivery

_LONGEST_CELL = 32_767
"""Characters, Excel's limit. XlsxWriter would cut longer texts without a word."""
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Creation date of every workbook: a real one would make each writing of a batch differ."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file's bytes, and what they could not hold: index in the batch → its answer."""

    content: bytes | Iterable[bytes | memoryview] = field(repr=False)
    """Whole, or piece by piece."""
    refused: Mapping[int, Answer] = field(default_factory=dict)
    unmapped: Unmapped = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LayoutRows:
    """Rows of a supplier's own layout, one a record in their order, and what it has no column for."""

    table: pl.DataFrame
    unmapped: Unmapped = field(default_factory=dict)
    refused: Mapping[int, Answer] = field(default_factory=dict)
    """Rows that the supplier could not import, by index: they are not written."""


Layout = Callable[[str, pl.DataFrame], LayoutRows]
"""`layout(contract, frame)` renders records into rows of a supplier's own layout."""


class Form(Protocol):
    """How records become a file's bytes: in memory, so that no temporary file elsewhere ever holds personal data."""

    @property
    def extension(self) -> str:
        """Ending of the file name, without the dot."""
        ...

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write all records that the form can hold."""
        ...


@dataclass(frozen=True, slots=True)
class Ndjson:
    """One canonical JSON object a line, provenance included."""

    extension: str = "ndjson"

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the bodies as they are."""
        if isinstance(delivery.bodies, Bodies):
            return WrittenFile(delivery.bodies.iter_lines())
        return WrittenFile(b"".join(body + b"\n" for body in delivery.bodies))


@dataclass(frozen=True, slots=True)
class Parquet:
    """Columns with the contract's own nesting."""

    extension: str = "parquet"

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the frame."""
        target = BytesIO()
        _drop_row_number(delivery.frame).write_parquet(target)
        return WrittenFile(target.getvalue())


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

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the records that the encoding can hold."""
        frame = _drop_row_number(delivery.frame)
        rows = LayoutRows(flatten(frame)) if self.layout is None else self.layout(delivery.contract, frame)
        table = rows.table if self.layout is None else _sort_repeats(rows.table)
        if table.height != frame.height:
            message = "a layout gives one row a record, in their order"
            raise ValueError(message)
        refused = {**self.find_unencodable(table), **rows.refused}
        unmapped = {index: names for index, names in rows.unmapped.items() if index not in refused}
        return WrittenFile(self.encode(_drop_refused(table, refused)), refused, unmapped)

    def encode(self, table: pl.DataFrame) -> bytes:
        """Return the rows as bytes, below their header."""
        # in a supplier's layout `Motif#2` is `Motif` again, as the supplier wrote it
        header = [name if self.layout is None else _restore_name(name, table.columns) for name in table.columns]
        shown = table if self.keeps_formulas else quote_formulas(table)
        rows_of_names = split_names(header, self.header_rows)
        text = self._write_text(pl.DataFrame(rows_of_names, orient="row")) + self._write_text(shown)
        # every cell was tried: what is replaced, if anything, is in the names of the columns
        return text.encode(self.encoding or "utf-8-sig", "replace")

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


@dataclass(frozen=True, slots=True)
class XlsxForm:
    """For people: one worksheet, every text an explicit string, so that no cell is ever a formula or a link."""

    extension: str = "xlsx"

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the records whose texts all fit a cell."""
        import xlsxwriter  # noqa: PLC0415  only who writes workbooks waits for it

        table = flatten(_drop_row_number(delivery.frame))
        refused = _find_too_long(table)
        table = _drop_refused(table, refused)
        target = BytesIO()
        with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
            book.set_properties({"created": _ANY_DAY})
            sheet = book.add_worksheet(delivery.contract.replace("/", "-")[:31])
            sheet.freeze_panes(1, 0)
            for column, name in enumerate(table.columns):
                sheet.write_string(0, column, name)
            for row, cells in enumerate(table.iter_rows(), start=1):
                for column, cell in enumerate(cells):
                    if isinstance(cell, bool):
                        sheet.write_boolean(row, column, cell)
                    elif isinstance(cell, int | float):
                        sheet.write_number(row, column, cell)
                    elif cell is not None:
                        sheet.write_string(row, column, str(cell))
        return WrittenFile(target.getvalue(), refused)


FORMS: dict[str, Form] = {form.extension: form for form in (Ndjson(), Parquet(), CsvForm(), XlsxForm())}
"""By the name that settings use."""


def _drop_row_number(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop(ROW, strict=False)


def _drop_refused(table: pl.DataFrame, refused: Mapping[int, Answer]) -> pl.DataFrame:
    return table if not refused else table.filter(~pl.int_range(pl.len()).is_in(list(refused)))


def _is_encodable(row: tuple[str | None, ...], encoding: str) -> bool:
    try:
        "".join(filter(None, row)).encode(encoding)
    except UnicodeError:
        return False
    return True


def _find_too_long(table: pl.DataFrame) -> dict[int, Answer]:
    texts = table.select(pl.col(pl.String))
    if not texts.width:
        return {}
    long = texts.select(pl.any_horizontal(pl.all().str.len_chars() > _LONGEST_CELL).fill_null(False)).to_series()
    answer = Answer(Fate.REFUSED, "deliver.cell.too_long", {"limit": str(_LONGEST_CELL)})
    return dict.fromkeys(long.arg_true().to_list(), answer)
