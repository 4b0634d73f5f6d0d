"""The worksheet of the buyer's own findings: one row for each requirement that no sample decides.

It stands in the grid that a score fills in, right after the requirements. Notes go from 0 to 4; a second person may
note as well, and must where the tender asks for four eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from passerelle.documents.workbooks import CREATED, compute_height
from passerelle.tender import bilingual_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from passerelle.tender.consultation import Consultation

SHEET = 1
"""Which worksheet of a filled grid it is, from 0."""
HEAD_ROW = 4
"""Row of the heads, from 0."""
HIGHEST = 4
"""The best note."""
KINDS = ("demonstration", "document", "reference", "visit", "interview")
"""What a finding rests on."""
FIXED = (("number", 13), ("level", 8), ("title", 30), ("requirement", 46), ("answered", 10), ("found", 22))
FREE = (
    *(("note", 8), ("comment", 40), ("kind", 16), ("evidence", 28), ("who", 20), ("day", 12)),
    *(("second_note", 8), ("second_comment", 28), ("second_who", 20), ("second_day", 12)),
)
PLACES = {name: place for place, (name, _width) in enumerate((*FIXED, *FREE))}
"""Where each column stands, from 0."""
_DAYS = ("day", "second_day")
_NOTES = ("note", "second_note")
_PAPER_A3 = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One row: what is known before anybody noted, and what somebody noted already."""

    number: str
    level: str
    title: str
    requirement: str
    answered: str = ""
    found: str = ""
    noted: tuple[tuple[str, str], ...] = ()
    """What is already entered, by column."""


_COLUMNS = (*FIXED, *FREE)
_WIDTHS = [width for _name, width in _COLUMNS]


def write_findings(
    workbook: Workbook, tender: Consultation, rows: Sequence[FindingRow], make_format: Callable[..., Format]
) -> None:
    """Add the worksheet to a workbook."""
    sheet = workbook.add_worksheet(_get_word("sheet", tender))
    _write_heads(sheet, tender, make_format)
    for line, row in enumerate(rows, start=HEAD_ROW + 1):
        _write_row(sheet, line, row, make_format)
    last = HEAD_ROW + max(len(rows), 1)
    _set_checks(sheet, tender, last)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    sheet.autofilter(HEAD_ROW, 0, last, len(PLACES) - 1)
    sheet.set_landscape()
    sheet.set_paper(_PAPER_A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)


def _get_word(name: str, tender: Consultation) -> str:
    return bilingual_texts.get_word("document", "findings", name, tender.language)


def _write_heads(sheet: Worksheet, tender: Consultation, make_format: Callable[..., Format]) -> None:
    title = {"bold": True, "font_size": 14, "text_wrap": False, "font_color": "#1F4E79"}
    sheet.write_string(0, 0, f"{_get_word('title', tender)} – {tender.id}", make_format(**title))
    how = ("how", "four_eyes" if tender.four_eyes else "two_eyes")
    for line, name in enumerate(how, start=1):
        sheet.write_string(line, 0, _get_word(name, tender), make_format(text_wrap=False))
    for name, width in _COLUMNS:
        place = PLACES[name]
        colour = "#1F4E79" if place < len(FIXED) else "#1E6B3A"
        sheet.set_column(place, place, width)
        head = {"bold": True, "font_color": "#FFFFFF", "border": 1, "bg_color": colour}
        word = _get_word("head" if name == "title" else name, tender)
        sheet.write_string(HEAD_ROW, place, word, make_format(**head))
    sheet.set_row(HEAD_ROW, compute_height(["\n\n"], [1]))


def _write_row(sheet: Worksheet, line: int, row: FindingRow, make_format: Callable[..., Format]) -> None:
    noted = dict(row.noted)
    cells = [*(getattr(row, name) for name, _width in FIXED), *(noted.get(name, "") for name, _width in FREE)]
    sheet.set_row(line, compute_height(cells, _WIDTHS))
    for (name, _width), cell in zip(_COLUMNS, cells, strict=True):
        about: dict[str, Any] = {"border": 1, "border_color": "#8A94A0"}
        about |= {"bg_color": "#EEF1F4"} if PLACES[name] < len(FIXED) else {"locked": False, "bg_color": "#E9F5EC"}
        if name in _DAYS:
            about["num_format"] = "yyyy-mm-dd"
        if name in _NOTES:
            about |= {"num_format": "0", "align": "center"}
        if cell and name in _NOTES:
            # A number: it can be summed, and no spreadsheet marks it as a text that looks like one.
            sheet.write_number(line, PLACES[name], int(cell), make_format(**about))
        elif cell and name in _DAYS:
            sheet.write_datetime(line, PLACES[name], date.fromisoformat(cell), make_format(**about))
        elif cell:
            sheet.write_string(line, PLACES[name], cell, make_format(**about))
        else:
            sheet.write_blank(line, PLACES[name], None, make_format(**about))


def _set_checks(sheet: Worksheet, tender: Consultation, last: int) -> None:
    checks: dict[str, dict[str, Any]] = {
        "kind": {"validate": "list", "source": [_get_word(name, tender) for name in KINDS]},
        **{name: {"validate": "list", "source": [*range(HIGHEST + 1)]} for name in _NOTES},
        **{name: {"validate": "date", "criteria": ">=", "value": CREATED} for name in _DAYS},
    }
    for name, check in checks.items():
        place = PLACES[name]
        sheet.data_validation(HEAD_ROW + 1, place, last, place, {**check, "ignore_blank": True})
