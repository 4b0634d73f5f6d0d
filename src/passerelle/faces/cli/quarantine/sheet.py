"""The quarantine as a workbook: to send to a supplier, or, with values, to correct and hand back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import xlsxwriter

from passerelle.documents.workbook_reader import read_returned
from passerelle.documents.workbooks import begin_workbook
from passerelle.faces.cli.quarantine.item_texts import format_cells
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.safe_files import replace_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from passerelle.stores.quarantine_rows import QuarantineRow

ID = "id"
"""Header of the first column, the same in every language: a sheet that comes back is recognised by it."""
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
"""Headers after `ID`. The supplier's own columns come after them, only when values are revealed."""
FIXED = 1 + len(HEADERS)
_WIDTHS = (6, 14, 12, 18, 18, 18, 50, 50, 16, 26, 30)


def write(path: Path, rows: Sequence[QuarantineRow], payloads: Mapping[int, bytes]) -> None:
    """Write one row an item. `payloads` holds what was revealed; the file is then for its owner's eyes only.

    Raises UsageError when the file cannot be written.
    """
    contents = {item: json.loads(payload) for item, payload in payloads.items()}
    columns = list(dict.fromkeys(name for content in contents.values() for name in content.get("cells", {})))
    try:
        with replace_whole(path) as stream, begin_workbook(stream, _("Quarantine")) as book:
            sheet = book.add_worksheet(_("Quarantine"))
            head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
            for column, name in enumerate((ID, *map(_, HEADERS), *columns)):
                sheet.write_string(0, column, name, head)
            for number, row in enumerate(rows, 1):
                for column, cell in enumerate(format_cells(row, contents.get(row.id, {}), columns)):
                    sheet.write_string(number, column, cell, plain)
            for column, width in enumerate(_WIDTHS):
                sheet.set_column(column, column, width)
            sheet.freeze_panes(1, 1)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException):
        raise UsageError("usage.file.unreadable", file=path.name) from None


def read(path: Path) -> dict[int, dict[str, str]]:
    """Read a sheet that comes back: the supplier's cells by item. Raises UsageError when it is not one of ours."""
    (rows,) = read_returned(path, "usage.corrections.invalid") or ([],)
    names = rows[0][1] if rows and rows[0][0] == 1 else ()
    if len(names) <= FIXED or names[0] != ID:
        raise UsageError("usage.corrections.invalid")
    items: dict[int, dict[str, str]] = {}
    for _number, cells in rows[1:]:
        if not cells[0].isdecimal():
            raise UsageError("usage.corrections.invalid")
        # only the supplier's own columns come back: what stands before them is ours and changes nothing
        items[int(cells[0])] = dict(zip(names[FIXED:], cells[FIXED:], strict=False))
    return items
