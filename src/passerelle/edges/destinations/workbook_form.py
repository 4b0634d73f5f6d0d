"""Records as a workbook for people: titles in their language, days that are days, texts that stay texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts.types import FieldKind
from passerelle.edges.destinations.column_titles import find_kind, list_titles
from passerelle.edges.destinations.flat import flatten
from passerelle.edges.destinations.laid_rows import LaidRows, WrittenFile, drop_row_number
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from passerelle.vocabulary.parcels import Delivery

_LONGEST_CELL = 32_767
"""Characters, Excel's limit. XlsxWriter would cut longer texts without a word."""
_MOST_ROWS = 1_048_575
"""Rows of a worksheet below its header."""
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Creation date of every workbook: a real one would make each writing of a batch differ."""
_FIRST_DAY = date(1900, 3, 1)
"""Before it spreadsheets count one day wrongly, or not at all: earlier days stay texts."""
_WHOLE_DAY = len("2026-01-31")
_NARROWEST, _WIDEST = 8, 60
"""Characters of a column."""
_LOOKED_AT = 200
"""Rows whose values say how wide a column is."""
_SHOWN = {
    FieldKind.DAY: "dd/mm/yyyy",
    FieldKind.PARTIAL_DAY: "dd/mm/yyyy",
    FieldKind.INSTANT: "dd/mm/yyyy hh:mm:ss",
    FieldKind.AMOUNT: "#,##0.00",
    FieldKind.QUANTITY: "0.###",
}
"""How values that are no texts are shown; spreadsheets turn the marks into those of their own language."""


@dataclass(frozen=True, slots=True)
class XlsxForm:
    """One worksheet, every text an explicit string, so that no cell is ever a formula, a link or a number."""

    extension: str = "xlsx"
    most_rows: int | None = _MOST_ROWS

    def write(self, delivery: Delivery) -> WrittenFile:
        """Write the records whose texts all fit a cell."""
        rows = self.lay_out(delivery)
        table = rows.drop_refused()
        return WrittenFile(self.encode(delivery.contract, [table], table.columns), rows.refused)

    def lay_out(self, delivery: Delivery) -> LaidRows:
        """Return the records as flat rows."""
        table = flatten(drop_row_number(delivery.frame))
        return LaidRows(table, _find_too_long(table))

    def encode(self, contract: str, tables: Iterable[pl.DataFrame], columns: Sequence[str]) -> bytes:
        """Return a workbook; all rows are in memory together."""
        import xlsxwriter  # noqa: PLC0415  only who writes workbooks waits for it

        table = pl.concat(list(tables), how="diagonal_relaxed").select(columns)
        model = contracts.get(contract)
        target = BytesIO()
        with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
            book.set_properties({"created": _ANY_DAY})
            sheet = book.add_worksheet(contract.replace("/", "-")[:31])
            sheet.freeze_panes(1, 0)
            for place, (name, title) in enumerate(zip(columns, list_titles(model, columns), strict=True)):
                sheet.write_string(0, place, title, book.add_format({"bold": True}))
                _write_column(book, sheet, place, find_kind(model, name), table.get_column(name), title)
            if columns:
                sheet.autofilter(0, 0, table.height, len(columns) - 1)
        return target.getvalue()


def _write_column(book: Workbook, sheet: Worksheet, place: int, kind: FieldKind, values: pl.Series, title: str) -> None:
    """Write the cells of a column below its title, and make it as wide as what it holds."""
    # As text where it is one: what somebody types there later keeps its first zero as well.
    shown = book.add_format({"num_format": _SHOWN.get(kind, "@" if values.dtype == pl.String else "General")})
    read: Callable[[Any], Any] = _READERS.get(kind, _keep)
    for row, value in enumerate(values, start=1):
        if value is not None:
            _write_cell(sheet, row, place, read(value), shown)
    longest = values.head(_LOOKED_AT).cast(pl.String).str.len_chars().max()
    width = max(len(title) + 3, int(longest) if isinstance(longest, int) else 0)
    sheet.set_column(place, place, min(max(width + 2, _NARROWEST), _WIDEST), shown)


def _write_cell(sheet: Worksheet, row: int, place: int, value: Any, shown: Format) -> None:
    match value:
        case bool():
            sheet.write_boolean(row, place, value)
        case int() | float():
            sheet.write_number(row, place, value, shown)
        case date():
            sheet.write_datetime(row, place, value, shown)
        case _:
            sheet.write_string(row, place, str(value), shown)


def _keep(value: Any) -> Any:
    return value


def _read_day(text: str) -> date | str:
    day = date.fromisoformat(text)
    return day if day >= _FIRST_DAY else text


def _read_partial_day(text: str) -> date | str:
    return _read_day(text) if len(text) == _WHOLE_DAY else text


def _read_moment(text: str) -> datetime | str:
    """Return a moment as the clock on the wall showed it: a spreadsheet knows no zones."""
    moment = datetime.fromisoformat(text).replace(tzinfo=None)
    return moment if moment.date() >= _FIRST_DAY else text


_READERS: dict[FieldKind, Callable[[str], Any]] = {
    FieldKind.DAY: _read_day,
    FieldKind.PARTIAL_DAY: _read_partial_day,
    FieldKind.INSTANT: _read_moment,
    FieldKind.AMOUNT: float,
    FieldKind.QUANTITY: float,
}


def _find_too_long(table: pl.DataFrame) -> dict[int, Answer]:
    texts = table.select(pl.col(pl.String))
    if not texts.width:
        return {}
    long = texts.select(pl.any_horizontal(pl.all().str.len_chars() > _LONGEST_CELL).fill_null(False)).to_series()
    answer = Answer(Fate.REFUSED, "deliver.cell.too_long", {"limit": str(_LONGEST_CELL)})
    return dict.fromkeys(long.arg_true().to_list(), answer)
