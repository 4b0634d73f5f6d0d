"""The answer grid: a workbook with one row for each requirement, its answer and its measure.

The same writer makes the empty grid of the tender and the one that holds a bidder's answers against what was measured.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle.documents import charts
from passerelle.documents.packing import repack
from passerelle.documents.workbooks import CREATED, begin_workbook, compute_height
from passerelle.tender import bilingual_texts, findings_sheet, price_sheet, questions
from passerelle.vocabulary.formatting import format_day, typeset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from passerelle.documents.charts import FillMap, GroupedBars
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.findings_sheet import FindingRow
    from passerelle.tender.price_sheet import PriceRow
    from passerelle.tender.requirement import Requirement

ANSWERS = ("ST", "PA", "DS", "SP", "HP")
"""Standard, by settings, specific and included, specific and not covered, not possible."""
HEAD_ROW = 5
"""Row of the heads, from 0; requirements follow, one a row."""
_TITLE_ROW, _HOW_ROW, _CANDIDATE_ROW, _PRODUCT_ROW = 0, 1, 2, 3
_PAPER_A3 = 8
_LONGEST_NAME = 31
_COLOURS = {"fixed": "#EEF1F4", "free": "#FFFFFF", "found": "#E9F5EC"}
_LEVELS = {"P": "#F8D7C4", "I": "#FDF0CC", "S": "#EEF1F4"}


class ColumnOwner(StrEnum):
    """Who fills in a column."""

    FIXED = "fixed"
    FREE = "free"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of the grid. `words`: where its head stands among the words of the document."""

    key: str
    owner: ColumnOwner
    width: int
    words: str = "words"


COLUMNS = (
    GridColumn("number", ColumnOwner.FIXED, 13),
    GridColumn("chapter", ColumnOwner.FIXED, 20),
    GridColumn("level", ColumnOwner.FIXED, 8),
    GridColumn("weight", ColumnOwner.FIXED, 7),
    GridColumn("title", ColumnOwner.FIXED, 28),
    GridColumn("requirement", ColumnOwner.FIXED, 52),
    GridColumn("field", ColumnOwner.FIXED, 20),
    GridColumn("evidence", ColumnOwner.FIXED, 30),
    GridColumn("answer", ColumnOwner.FREE, 10, "grid"),
    GridColumn("details", ColumnOwner.FREE, 34, "grid"),
    GridColumn("commitment", ColumnOwner.FREE, 13, "grid"),
    GridColumn("equivalence", ColumnOwner.FREE, 28, "grid"),
    GridColumn("verdict", ColumnOwner.FOUND, 18, "grid"),
    GridColumn("measured", ColumnOwner.FOUND, 26, "grid"),
    GridColumn("gap", ColumnOwner.FOUND, 26, "grid"),
    GridColumn("points", ColumnOwner.FOUND, 9, "grid"),
    GridColumn("comment", ColumnOwner.FOUND, 28, "grid"),
)
PLACES: Mapping[str, int] = {column.key: place for place, column in enumerate(COLUMNS)}
"""Where each column stands, from 0."""
_OPEN_TO_BUYER = "comment"
_DOUBT_WIDTHS = (14, 26, 70, 34, 50, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridAnswer:
    """What a bidder answered to a requirement."""

    answer: str = ""
    details: str = ""
    commitment: str = ""
    equivalence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridMeasure:
    """What was measured for a requirement, in words."""

    verdict: str = ""
    measured: str = ""
    gap: str = ""
    points: float | None = None
    colour: str = ""
    """Background of the verdict, `#E9F5EC`; usual when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFilling:
    """What is in a grid besides the requirements."""

    candidate: str = ""
    product: str = ""
    given: Mapping[str, GridAnswer]
    found: Mapping[str, GridMeasure]
    findings: tuple[FindingRow, ...] = ()
    """What the buyer has to note, or noted: requirements that no sample decides."""
    doubts: tuple[tuple[str, ...], ...] = ()
    """What is hard to believe in the samples, a row each: level, field, what was seen, places, advice, reason code."""
    prices: tuple[PriceRow, ...] = ()
    """Lines of the price schedule that the bidder filled in."""
    charts: tuple[GroupedBars, ...] = ()
    """Pictures of the samples, each on a worksheet with its figures."""
    fill_map: FillMap | None = None
    """Share of the fields asked for that are filled, by contract and month."""
    digest: str = ""
    """Of the report that it is drawn from; the digest of the rules when empty."""


EMPTY = GridFilling(given={}, found={})


def write(consultation: Consultation, filling: GridFilling = EMPTY) -> bytes:
    """Write the workbook. The same tender and filling always give the same bytes."""
    stream = io.BytesIO()
    workbook = begin_workbook(stream, consultation.title, consultation.buyer)
    writer = _Writer(workbook, consultation, filling)
    writer.write_sheet()
    if filling.found:
        findings_sheet.write_findings(workbook, consultation, filling.findings, writer.get_format)
    if not consultation.member:  # a member's own grid adds requirements; prices stand in the common one
        price_sheet.write_prices(workbook, consultation, filling.prices, writer.get_format)
    if filling.doubts:
        writer.write_doubts()
    writer.write_guide()
    for chart in filling.charts:
        charts.add_chart(workbook, make_sheet_name(chart.title), chart)
    if one := filling.fill_map:
        charts.add_fill_map(workbook, make_sheet_name(one.title), one)
    workbook.close()
    return repack(stream.getvalue())


def make_sheet_name(title: str) -> str:
    """Return a title as the name of a worksheet: at most 31 characters, on whole words."""
    return title if len(title) <= _LONGEST_NAME else title[: _LONGEST_NAME + 1].rsplit(" ", 1)[0]


class _Writer:
    def __init__(self, workbook: Workbook, tender: Consultation, filling: GridFilling) -> None:
        self._workbook, self._tender, self._filling = workbook, tender, filling
        self._language = tender.language
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def _get_word(self, name: str, table: str = "grid") -> str:
        return bilingual_texts.get_word("document", table, name, self._language)

    def get_format(self, **about: Any) -> Format:
        """Return a format; the same one for the same properties."""
        key = tuple(sorted(about.items()))
        if key not in self._formats:
            usual = {"font_name": "Calibri", "font_size": 10, "valign": "top", "text_wrap": True}
            self._formats[key] = self._workbook.add_format({**usual, **about})
        return self._formats[key]

    def write_sheet(self) -> None:
        """Write the worksheet of requirements."""
        sheet = self._workbook.add_worksheet(self._get_word("sheet"))
        last = HEAD_ROW + len(self._tender.requirements)
        self._write_top(sheet)
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, column.width)
            head = {"bold": True, "font_color": "#FFFFFF", "border": 1, "bg_color": _HEADS[column.owner]}
            sheet.write_string(HEAD_ROW, place, self._get_word(column.key, column.words), self.get_format(**head))
        sheet.set_row(HEAD_ROW, compute_height(["\n"], [1]))
        for row, one in enumerate(self._tender.requirements, start=HEAD_ROW + 1):
            self._write_row(sheet, row, one)
        refused = {"error_title": self._get_word("refused"), "ignore_blank": True}
        place = PLACES["answer"]
        listed = {"validate": "list", "source": list(ANSWERS), "error_message": self._get_word("choose")}
        sheet.data_validation(HEAD_ROW + 1, place, last, place, {**listed, **refused})
        place = PLACES["commitment"]
        dated = {"validate": "date", "criteria": ">=", "value": CREATED, "error_message": self._get_word("day")}
        sheet.data_validation(HEAD_ROW + 1, place, last, place, {**dated, **refused})
        sheet.autofilter(HEAD_ROW, 0, last, len(COLUMNS) - 1)
        sheet.freeze_panes(HEAD_ROW + 1, 1)
        # Protected without a password: it guards against slips, not against people.
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
        self._set_up_printing(sheet, last)

    def _write_top(self, sheet: Worksheet) -> None:
        title = {"bold": True, "font_size": 14, "text_wrap": False, "font_color": "#1F4E79"}
        sheet.write_string(_TITLE_ROW, 0, f"{self._tender.title} – {self._tender.id}", self.get_format(**title))
        sheet.write_string(_HOW_ROW, 0, self._get_word("how"), self.get_format(text_wrap=False))
        free = self.get_format(locked=False, border=1, text_wrap=False)
        label = self.get_format(bold=True, text_wrap=False)
        named = (("candidate", self._filling.candidate), ("product", self._filling.product))
        for row, (name, text) in zip((_CANDIDATE_ROW, _PRODUCT_ROW), named, strict=True):
            sheet.write_string(row, 0, self._get_word(name), label)
            sheet.merge_range(row, 2, row, 5, text, free)

    def _write_row(self, sheet: Worksheet, row: int, one: Requirement) -> None:
        language = self._language
        given, found = self._filling.given.get(one.id, GridAnswer()), self._filling.found.get(one.id, GridMeasure())
        # A requirement stands under its chapter, or under its contract.
        chapters = (chapter.title for chapter in questions.list_chapters() if chapter.key == one.chapter)
        title = bilingual_texts.get_record_title(one.contract) if one.contract else next(chapters)
        texts = {
            "number": one.id,
            "chapter": title.of(language),
            "level": one.level.value,
            "title": one.title.of(language),
            "requirement": one.statement.of(language),
            "field": " ".join(filter(None, (one.contract, one.field))),
            "evidence": one.evidence.of(language),
            **{name: getattr(given, name) for name in ("answer", "details", "commitment", "equivalence")},
            **{name: getattr(found, name) for name in ("verdict", "measured", "gap")},
        }
        shown = [texts.get(column.key, "") for column in COLUMNS]
        sheet.set_row(row, compute_height(shown, [column.width for column in COLUMNS]))
        for place, column in enumerate(COLUMNS):
            about = self._choose_format(column, one, found)
            number = {"weight": one.weight, "points": found.points}.get(column.key)
            if number is not None:
                sheet.write_number(row, place, number, self.get_format(**about))
            elif text := texts.get(column.key, ""):
                # Never `write`: it would take a text that begins with `=` for a formula.
                sheet.write_string(row, place, text, self.get_format(**about))
            else:
                # A cell of the empty string is not blank: it would hide the overflow of its neighbour.
                sheet.write_blank(row, place, None, self.get_format(**about))

    def _choose_format(self, column: GridColumn, one: Requirement, found: GridMeasure) -> dict[str, Any]:
        about: dict[str, Any] = {"border": 1, "border_color": "#8A94A0", "bg_color": _COLOURS[column.owner]}
        about["locked"] = column.owner is not ColumnOwner.FREE and column.key != _OPEN_TO_BUYER
        if column.key == "level":
            about |= {"bg_color": _LEVELS[one.level], "bold": True, "align": "center"}
        if column.key in ("weight", "points"):
            about["align"] = "center"
        if column.key == "points":
            about["num_format"] = "0.0"
        if column.key in ("number", "title"):
            about["bold"] = True
        if column.key == "commitment":
            about["num_format"] = "yyyy-mm-dd"
        if column.key == "verdict" and found.colour:
            about |= {"bg_color": found.colour, "bold": True}
        return about

    def _set_up_printing(self, sheet: Worksheet, last: int) -> None:
        sheet.set_landscape()
        sheet.set_paper(_PAPER_A3)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.repeat_rows(HEAD_ROW)
        if self._filling.found:
            # A filled grid is twice as wide; on one page nobody could read it.
            sheet.fit_to_pages(2, 0)
            sheet.repeat_columns(0)
            sheet.print_area(0, 0, last, len(COLUMNS) - 1)
        else:
            sheet.fit_to_pages(1, 0)
            sheet.print_area(0, 0, last, PLACES["verdict"] - 1)
        digest = self._filling.digest or self._tender.rules_digest
        # `&` begins a code of the footer (`&R`, `&P`): a reference that holds one needs two.
        reference = self._tender.id.replace("&", "&&")
        sheet.set_footer(f"&L{reference} · {digest[:16]}&R&P / &N")

    def write_doubts(self) -> None:
        """Write the worksheet of what is hard to believe in the samples."""
        sheet = self._workbook.add_worksheet(self._get_word("doubts"))
        heads = [self._get_word(key, "words") for key in ("level", "field")]
        heads += [self._get_word(key) for key in ("seen", "places", "advice", "reason")]
        for place, (head, width) in enumerate(zip(heads, _DOUBT_WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, head, self.get_format(bold=True, border=1))
        for row, cells in enumerate(self._filling.doubts, start=1):
            sheet.set_row(row, compute_height(cells, list(_DOUBT_WIDTHS)))
            for place, text in enumerate(cells):
                sheet.write_string(row, place, text, self.get_format(border=1))
        sheet.freeze_panes(1, 0)
        sheet.protect()

    def write_guide(self) -> None:
        """Write the worksheet of instructions."""
        sheet = self._workbook.add_worksheet(self._get_word("guide"))
        strong = self.get_format(bold=True)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 100)
        lines = bilingual_texts.load_texts("document")["answering"][self._language]
        facts = [
            (self._get_word("kind", "words"), self._tender.title),
            (self._get_word("buyer", "words"), self._tender.buyer),
            (self._get_word("reference", "words"), self._tender.id),
            (self._get_word("date", "words"), format_day(self._tender.date, self._language)),
            (self._get_word("rules_digest", "words"), self._tender.rules_digest),
            (self._get_word("answer"), ""),
        ]
        rows = [
            *facts,
            *((code, self._get_word(code, "codes")) for code in ANSWERS),
            ("", ""),
            ("", self._get_word("how")),
        ]
        rows += [("", typeset(line)) for line in lines]
        for row, (label, text) in enumerate(rows):
            sheet.write_string(row, 0, label, strong)
            sheet.write_string(row, 1, text, self.get_format())
            sheet.set_row(row, compute_height([text], [100]))
        sheet.protect()


_HEADS = {ColumnOwner.FIXED: "#1F4E79", ColumnOwner.FREE: "#404040", ColumnOwner.FOUND: "#1E6B3A"}
