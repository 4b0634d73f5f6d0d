"""A document as DOCX: real styles, numbered headings, contents that read right before any update, page numbers."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Emu, Mm, RGBColor

from passerelle.documents import charts
from passerelle.documents import word_styles as styles
from passerelle.documents.blocks import (
    AnswerBlock,
    Bullets,
    ChartBlock,
    Heading,
    Law,
    Paragraph,
    TableBlock,
    TableCell,
    TintedCell,
)
from passerelle.documents.packing import repack

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.section import Section

    from passerelle.documents.blocks import Block, NumberedHeading, PrintableDocument

_PAGE = (Mm(210), Mm(297))
_MARGIN = Mm(20)
_LINES = 3
"""Empty lines that are left for an answer."""


def write(document: PrintableDocument, date: str) -> bytes:
    """Return the DOCX. The same document, frozen on the same day, always gives the same bytes."""
    return _Writer(document, date).write()


class _Writer:
    def __init__(self, document: PrintableDocument, date: str) -> None:
        self._document = document
        self._word: Word = docx.Document()
        self._numbers = document.number_headings()
        self._bookmarks = 0
        self._is_wide = False
        core = self._word.core_properties
        core.title, core.author, core.subject = document.title, document.buyer, document.kind
        core.language, core.identifier, core.comments, core.keywords = document.language, document.reference, "", ""
        core.created = core.modified = datetime.fromisoformat(f"{date}T00:00:00")
        core.last_modified_by, core.revision = document.buyer, 1

    def write(self) -> bytes:
        """Return the whole document."""
        styles.prepare(self._word, self._document.language)
        self._set_up_page(self._word.sections[0])
        self._write_cover()
        if self._numbers:  # a page without chapters needs no table of them
            heading = self._word.add_paragraph(self._document.words["contents"], style="TOC Heading")
            heading.paragraph_format.page_break_before = True
            styles.add_contents(self._word, [entry for entry in self._numbers.values() if entry.heading.level == 1])
        for place, block in enumerate(self._document.blocks):
            if isinstance(block, Heading) and block.annex and not self._is_wide:
                # The annexes, whose tables are wide, begin on a page in landscape.
                self._is_wide = True
                self._set_up_page(self._word.add_section(WD_SECTION.NEW_PAGE), is_wide=True)
            self._write_block(block, self._numbers.get(place))
            after = self._document.blocks[place + 1 : place + 2]
            if isinstance(block, Paragraph) and after and isinstance(after[0], TableBlock | AnswerBlock):
                # What leads to a table or an answer stays on the page where that begins.
                self._word.paragraphs[-1].paragraph_format.keep_with_next = True
        stream = io.BytesIO()
        self._word.save(stream)
        return repack(stream.getvalue())

    def _set_up_page(self, section: Section, *, is_wide: bool = False) -> None:
        width, height = reversed(_PAGE) if is_wide else _PAGE
        section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = width, height
        section.left_margin = section.right_margin = _MARGIN
        section.top_margin, section.bottom_margin = Mm(24), Mm(20)
        section.header_distance = section.footer_distance = Mm(10)
        room = Emu(width - 2 * _MARGIN)
        for part, write in ((section.header, self._write_header), (section.footer, self._write_footer)):
            # A new section repeats the header of the one before, whose tab stop is too narrow or too wide.
            part.is_linked_to_previous = False
            paragraph = part.paragraphs[0]
            styles.add_right_tab(paragraph, room)
            write(paragraph)

    def _write_header(self, paragraph: Any) -> None:
        paragraph.style = "Header"
        paragraph.add_run(f"{self._document.title}\t{self._document.reference}")

    def _write_footer(self, paragraph: Any) -> None:
        paragraph.style = "Footer"
        digest = f"{self._document.words['digest']} {self._document.digest[:16]}"
        paragraph.add_run(f"{self._document.buyer} · {digest}\t{self._document.words['page']} ")
        styles.add_field(paragraph, "PAGE", "1")
        paragraph.add_run(" / ")
        styles.add_field(paragraph, "NUMPAGES", "1")

    def _write_cover(self) -> None:
        document = self._document
        self._word.add_paragraph(document.kind, style="Subtitle")
        self._word.add_paragraph(document.title, style="Title")
        table = self._word.add_table(rows=0, cols=2)
        for label, value in document.facts:
            cells = table.add_row().cells
            cells[0].paragraphs[0].add_run(label)
            cells[1].paragraphs[0].add_run(value).bold = True
        styles.lay_out(table, (0.3, 0.7), self._room)
        paragraph = self._word.add_paragraph(document.words["digest_says"], style="Note")
        paragraph.add_run(f"\n{document.digest}")

    @property
    def _room(self) -> int:
        return int(_PAGE[1 if self._is_wide else 0] - 2 * _MARGIN)

    def _write_block(self, block: Block, entry: NumberedHeading | None) -> None:
        match block:
            case Heading():
                style = "Annexe" if block.annex else f"Heading {block.level}"
                self._bookmarks += 1
                paragraph = self._word.add_paragraph(style=style)
                styles.add_bookmark(paragraph, block.text, entry.anchor if entry else "", self._bookmarks)
            case Paragraph():
                self._word.add_paragraph(block.text, style="Note" if block.is_note else None)
            case Bullets():
                for item in block.items:
                    self._word.add_paragraph(item, style="List Bullet")
            case TableBlock():
                self._write_table(block)
            case Law():
                self._write_law(block)
            case ChartBlock():
                self._write_chart(block)
            case AnswerBlock():
                paragraph = self._word.add_paragraph(style="Answer")
                paragraph.add_run(block.label).italic = True
                paragraph.add_run(f"\n{block.text}" if block.text else f"\n{block.blank}" + "\n" * _LINES)
            case _:
                assert_never(block)

    def _write_table(self, block: TableBlock) -> None:
        self._word.add_paragraph(block.caption, style="Caption")
        table = self._word.add_table(rows=1, cols=len(block.heads), style="Table Grid")
        for cell, head in zip(table.rows[0].cells, block.heads, strict=True):
            cell.paragraphs[0].add_run(head)
        cells = styles.add_rows(table, len(block.rows))
        for texts, line in zip(block.rows, cells, strict=True):
            for place, (text, cell) in enumerate(zip(texts, line, strict=True)):
                # The names of rows are strong.
                written = text if isinstance(text, TableCell) else TableCell("", text) if place else TableCell(text)
                styles.fill(cell, written.strong, written.text)
        styles.lay_out(table, block.widths, self._room)
        styles.dress(table, small=block.is_wide)
        for texts, line in zip(block.rows, cells, strict=True):
            for text, cell in zip(texts, line, strict=True):
                if isinstance(text, TintedCell) and text.tint:
                    styles.set_tint(cell, text.tint)
        # Word merges two tables without a paragraph between them.
        self._word.add_paragraph(style="After Table")

    def _write_chart(self, block: ChartBlock) -> None:
        chart = block.chart
        caption = self._word.add_paragraph(chart.title, style="Caption")
        caption.paragraph_format.keep_with_next = True
        paragraph = self._word.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        picture = paragraph.add_run().add_picture(io.BytesIO(charts.draw_png(chart)), width=Emu(self._room))
        # What a screen reader says in place of the picture.
        picture._inline.docPr.set("descr", chart.says or chart.title)  # noqa: SLF001  python-docx has no name for it
        for nth, one in enumerate(chart.series):
            run = self._word.paragraphs[-1].add_run(f"{'   ' if nth else chr(10)}■ ")
            run.font.color.rgb = RGBColor.from_string(charts.COLOURS[nth % len(charts.COLOURS)][1:])
            self._word.paragraphs[-1].add_run(one.name)
        ends = " … ".join(dict.fromkeys((*chart.labels[:1], *chart.labels[-1:])))
        note = " ".join(filter(None, (block.read, f"({ends})" if ends else "")))
        self._word.add_paragraph(note, style="Note")

    def _write_law(self, block: Law) -> None:
        paragraph = self._word.add_paragraph(style="Law")
        paragraph.add_run(block.title).bold = True
        if block.says:
            paragraph.add_run(f" – {block.says}")
        paragraph.add_run(f"\n{block.source}").italic = True
        styles.warn(paragraph.add_run(f"\n{block.warning}"))
