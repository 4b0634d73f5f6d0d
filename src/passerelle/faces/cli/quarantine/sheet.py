"""The quarantine as a workbook: to send to a supplier, or, with values, to correct and hand back."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import xlsxwriter

from passerelle.documents.workbook_reader import read_returned
from passerelle.vocabulary import labels
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from passerelle.stores.quarantine import QuarantineRow

ID = "id"
"""Header of the first column, the same in every language: what makes a sheet ours."""
HEADERS = (
    N_("flow"),
    N_("outcome"),
    N_("where"),
    N_("column"),
    N_("field"),
    N_("what is wrong"),
    N_("what to do"),
    N_("who can act"),
    N_("code"),
    N_("text as received"),
)
"""Headers after `ID`. What comes after them is the supplier's own columns, only when values are revealed."""
FIXED = 1 + len(HEADERS)
_WIDTHS = (6, 14, 12, 18, 18, 18, 50, 50, 16, 26, 30)


def write(path: Path, rows: Sequence[QuarantineRow], payloads: Mapping[int, bytes]) -> None:
    """Write one row an item. `payloads` holds what was revealed; the file is then for its owner's eyes only.

    Raises UsageError when the file cannot be written.
    """
    contents = {item: json.loads(payload) for item, payload in payloads.items()}
    columns = list(dict.fromkeys(name for content in contents.values() for name in content.get("cells", {})))
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            _fill(book, rows, contents, columns)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException):
        raise UsageError("usage.file.unreadable", file=path.name) from None


def _fill(book: Any, rows: Sequence[QuarantineRow], contents: Mapping[int, Any], columns: Sequence[str]) -> None:
    sheet = book.add_worksheet(_("Quarantine"))
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for column, name in enumerate((ID, *map(_, HEADERS), *columns)):
        sheet.write_string(0, column, name, head)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(_format_cells(row, contents.get(row.id, {}), columns)):
            sheet.write_string(number, column, cell, plain)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _format_cells(row: QuarantineRow, content: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    says, advice = explain(row.reason, row.facts)
    cells = content.get("cells", {})
    return (
        str(row.id),
        row.flow,
        _(labels.FATES[row.fate]),
        labels.where(row.place),
        row.place.column,
        row.place.field,
        says,
        advice,
        _(labels.PERSONS[find_reason(row.reason).concerns]),
        row.reason,
        content.get("raw", ""),
        *(cells.get(name) or "" for name in columns),
    )


def read(path: Path) -> dict[int, dict[str, str]]:
    """Read a sheet that comes back: the supplier's cells by item. Raises UsageError when it is not one of ours."""
    (rows,) = read_returned(path, "usage.corrections.invalid") or ([],)
    names = rows[0][1] if rows and rows[0][0] == 1 else ()
    if len(names) <= FIXED or names[0] != ID:
        raise UsageError("usage.corrections.invalid")
    return dict(_iter_items(names, [cells for _number, cells in rows[1:]]))


def _iter_items(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[tuple[int, dict[str, str]]]:
    for cells in rows:
        if not cells[0].isdecimal():
            raise UsageError("usage.corrections.invalid")
        yield int(cells[0]), dict(zip(names[FIXED:], cells[FIXED:], strict=False))
