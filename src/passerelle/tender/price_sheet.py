"""The worksheet of prices in the answer grid: what every offer prices, options of the buyer, lines of the bidder.

Prices never count in a note: they are shown beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_range_abs

from passerelle.documents.workbooks import compute_height
from passerelle.tender import bilingual_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from passerelle.tender.consultation import Consultation

HEAD_ROW = 7
"""Row of the heads, from 0."""
COLUMNS = (
    *(("code", 8), ("line", 34), ("says", 46), ("requirement", 15)),
    *(("once", 16), ("yearly", 16), ("remark", 46)),
)
PLACES = {name: place for place, (name, _width) in enumerate(COLUMNS)}
"""Where each column stands, from 0."""
KINDS = {"B": "base", "O": "option", "E": "own"}
"""What the first letter of a line's number says it is."""
AMOUNTS = ("once", "yearly")
_OWN_LINES = 15
"""Empty lines for what a bidder prices besides."""
_PAPER_A4 = 9
_EURO = '#,##0.00\\ "€"'
_COLOURS = {"fixed": "#EEF1F4", "free": "#FFFFFF"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A line of the schedule; amounts are None where nobody wrote one."""

    code: str
    """`B-01` of the base, `O-01` of an option of the buyer, `E-01` of the bidder's own."""
    line: str = ""
    says: str = ""
    requirement: str = ""
    once: float | None = None
    yearly: float | None = None
    remark: str = ""

    @property
    def kind(self) -> str:
        """Which part of the schedule it stands in."""
        return KINDS[self.code[0]]


def list_lines(tender: Consultation) -> tuple[PriceRow, ...]:
    """List the lines of a tender's schedule, without any amount: base, then options. Bidders add their own."""
    entries = bilingual_texts.load_texts("prices")["line"]
    texts = [
        {
            name: bilingual_texts.make_text({tongue: one[tongue][name] for tongue in ("fr", "en")})
            for name in ("title", "says")
        }
        for one in entries
    ]
    base = (
        PriceRow(code=f"B-{nth:02}", line=one["title"].of(tender.language), says=one["says"].of(tender.language))
        for nth, one in enumerate(texts, start=1)
    )
    options = (PriceRow(code=f"O-{nth:02}", line=title) for nth, title in enumerate(tender.price_options, start=1))
    return (*base, *options)


def get_word(name: str, tender: Consultation) -> str:
    """Return a word of the schedule in the language of the tender."""
    return bilingual_texts.get_word("prices", "words", name, tender.language)


def write_prices(
    workbook: Workbook, tender: Consultation, given: Sequence[PriceRow], make_format: Callable[..., Format]
) -> None:
    """Add the worksheet to a workbook; `given` are the lines that a bidder filled in."""
    sheet = workbook.add_worksheet(get_word("sheet", tender))
    rows = [*_iter_rows(tender, {one.code: one for one in given})]
    _write_heads(sheet, tender, make_format)
    for line, row in enumerate(rows, start=HEAD_ROW + 1):
        if isinstance(row, str):
            sheet.merge_range(line, 0, line, len(COLUMNS) - 1, get_word(row, tender), make_format(**_BLOCK))
        else:
            _write_row(sheet, line, row, make_format)
    _write_total(sheet, tender, rows, make_format)
    last = HEAD_ROW + len(rows)
    about = {"error_title": get_word("refused", tender), "error_message": get_word("amount", tender)}
    check = {"validate": "decimal", "criteria": ">=", "value": 0, "ignore_blank": True, **about}
    sheet.data_validation(HEAD_ROW + 1, PLACES["once"], last, PLACES["yearly"], check)
    sheet.freeze_panes(HEAD_ROW + 1, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(_PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)


_BLOCK = {"bold": True, "bg_color": "#DCE6F1", "border": 1, "border_color": "#8A94A0", "text_wrap": False}


def _iter_rows(tender: Consultation, given: dict[str, PriceRow]) -> Iterator[PriceRow | str]:
    """Yield the name of each part, and its lines."""
    lines = [given.get(one.code, one) for one in list_lines(tender)]
    own = [PriceRow(code=f"E-{nth:02}") for nth in range(1, _OWN_LINES + 1)]
    lines += [given.get(one.code, one) for one in own]
    before = ""
    for one in lines:
        if one.kind != before:
            yield one.kind
        before = one.kind
        yield one


def _write_heads(sheet: Worksheet, tender: Consultation, make_format: Callable[..., Format]) -> None:
    title = {"bold": True, "font_size": 14, "text_wrap": False, "font_color": "#1F4E79"}
    sheet.write_string(0, 0, f"{get_word('title', tender)} – {tender.id}", make_format(**title))
    for line, name in enumerate(("how", "scope"), start=1):
        sheet.merge_range(line, 0, line, len(COLUMNS) - 1, get_word(name, tender), make_format())
        sheet.set_row(line, compute_height([get_word(name, tender)], [sum(width for _name, width in COLUMNS)]))
    for place, (name, width) in enumerate(COLUMNS):
        free = name in (*AMOUNTS, "remark")
        sheet.set_column(place, place, width)
        head = {"bold": True, "font_color": "#FFFFFF", "border": 1, "bg_color": "#404040" if free else "#1F4E79"}
        sheet.write_string(HEAD_ROW, place, get_word(name, tender), make_format(**head))


def _write_row(sheet: Worksheet, line: int, row: PriceRow, make_format: Callable[..., Format]) -> None:
    # A line of the bidder's own is the bidder's to name.
    free = ("line", "says", "requirement", *AMOUNTS, "remark") if row.kind == "own" else (*AMOUNTS, "remark")
    cells = {name: getattr(row, name) for name, _width in COLUMNS}
    shown = ["" if name in AMOUNTS else cells[name] for name, _width in COLUMNS]
    sheet.set_row(line, compute_height(shown, [width for _name, width in COLUMNS]))
    for name, cell in cells.items():
        about: dict[str, Any] = {"border": 1, "border_color": "#8A94A0"}
        about |= {"locked": False, "bg_color": _COLOURS["free"]} if name in free else {"bg_color": _COLOURS["fixed"]}
        if name in AMOUNTS:
            about["num_format"] = _EURO
        if name == "line":
            about["bold"] = True
        if isinstance(cell, float | int):
            sheet.write_number(line, PLACES[name], cell, make_format(**about))
        elif cell:
            # Never `write`: it would take a text that begins with `=` for a formula.
            sheet.write_string(line, PLACES[name], cell, make_format(**about))
        else:
            sheet.write_blank(line, PLACES[name], None, make_format(**about))


def _write_total(
    sheet: Worksheet, tender: Consultation, rows: Sequence[PriceRow | str], make_format: Callable[..., Format]
) -> None:
    """Write the duration, and the base price over it as a formula of our own cells."""
    label = make_format(bold=True, text_wrap=False)
    base = [
        line for line, row in enumerate(rows, start=HEAD_ROW + 1) if not isinstance(row, str) and row.kind == "base"
    ]
    value = make_format(bold=True, border=1, align="left", num_format="0")
    sheet.write_string(4, 0, get_word("years", tender), label)
    place = PLACES["requirement"]
    if not tender.price_years:
        sheet.write_string(4, place, get_word("to_complete", tender), value)
        return
    sheet.write_number(4, place, tender.price_years, value)
    sheet.write_string(5, 0, get_word("total", tender), label)
    once, yearly = (xl_range_abs(base[0], PLACES[name], base[-1], PLACES[name]) for name in AMOUNTS)
    priced = [row for row in rows if not isinstance(row, str) and row.kind == "base"]
    total = sum((row.once or 0) + tender.price_years * (row.yearly or 0) for row in priced)
    formula = f"=SUM({once})+{tender.price_years}*SUM({yearly})"
    sheet.write_formula(5, place, formula, make_format(bold=True, border=1, align="left", num_format=_EURO), total)
