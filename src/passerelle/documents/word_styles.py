"""OOXML that python-docx does not offer: styles, multilevel numbers, fields, tables that break well."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Pt, RGBColor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docx.document import Document as Word
    from docx.table import Table
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

    from passerelle.documents.blocks import NumberedHeading

_FONT = "Calibri"
_BLUE, _SOFT = RGBColor(0x1F, 0x4E, 0x79), RGBColor(0x45, 0x4C, 0x54)
_BROWN, _WHITE = RGBColor(0x7A, 0x3D, 0x00), RGBColor(0xFF, 0xFF, 0xFF)
_HEAD_FILL, _NAME_FILL, _LINE = "1F4E79", "EAF1F8", "8A94A0"
_LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
_ANNEX = {"fr": "Annexe", "en": "Annex"}
_SIZES = {"Normal": 10.5, "Heading 1": 17, "Heading 2": 13, "Annexe": 17, "Title": 28, "Subtitle": 13, "Caption": 9.5}
_CHAPTERS, _ANNEXES = 90, 91
"""Numbers of our two lists, above those of the template."""


def prepare(word: Word, language: str) -> None:
    """Set the styles, the numbers of headings and the language."""
    made = word.styles
    for name, base in (("Annexe", "Heading 1"), ("Note", "Normal"), ("Law", "Normal"), ("Answer", "Normal")):
        made.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = made[base]
    for name in ("After Table", "Table Text", "TOC 1"):
        made.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = made["Normal"]
    for name in ("Table Head", "Table Small"):
        made.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = made["Table Text"]
    for name, size in _SIZES.items():
        _set_font(made[name], size)
    properties = made["Normal"].element.get_or_add_rPr()
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(OxmlElement("w:lang", {qn("w:val"): _LANGUAGES[language]}))
    _set_colours(word)
    _set_spacing(word)
    _number_headings(word, _ANNEX[language])


def _set_font(style: Any, size: float) -> None:
    style.font.name, style.font.size = _FONT, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), _FONT)


def _set_colours(word: Word) -> None:
    for name in ("Heading 1", "Heading 2", "Annexe", "Title", "TOC Heading"):
        word.styles[name].font.color.rgb = _BLUE
        word.styles[name].font.bold = True
    for name in ("Subtitle", "Caption", "Note", "Header", "Footer"):
        word.styles[name].font.color.rgb = _SOFT
        word.styles[name].font.italic = False
    for name in ("Note", "Header", "Footer", "Law"):
        word.styles[name].font.size = Pt(9)
    word.styles["Caption"].font.bold = True
    word.styles["Law"].font.color.rgb = _SOFT
    word.styles["Table Head"].font.color.rgb = _WHITE
    word.styles["Table Head"].font.bold = True
    word.styles["Subtitle"].font.all_caps = True
    title = word.styles["Title"].element.pPr.find(qn("w:pBdr"))
    if title is not None:
        word.styles["Title"].element.pPr.remove(title)


def _set_spacing(word: Word) -> None:
    spaces = {
        "Normal": (0, 6),
        "Heading 1": (24, 10),
        "Heading 2": (14, 4),
        "Annexe": (0, 10),
        "Title": (6, 24),
        "Subtitle": (120, 0),
        "Caption": (8, 3),
        "Note": (4, 6),
        "Law": (4, 5),
        "Answer": (2, 10),
        "After Table": (0, 4),
        "Table Text": (1, 1),
        "TOC 1": (0, 3),
        "TOC Heading": (0, 10),
    }
    for name, (before, after) in spaces.items():
        form = word.styles[name].paragraph_format
        form.space_before, form.space_after = Pt(before), Pt(after)
    word.styles["Normal"].paragraph_format.line_spacing = 1.12
    for name in ("Table Text", "Law", "Note"):
        word.styles[name].paragraph_format.line_spacing = 1.0
    for name in ("Heading 1", "Annexe", "Heading 2", "Caption"):
        word.styles[name].paragraph_format.keep_with_next = True
    word.styles["Law"].paragraph_format.keep_together = True
    word.styles["Answer"].paragraph_format.keep_together = True
    word.styles["Table Text"].font.size = Pt(9)
    word.styles["Table Small"].font.size = Pt(7.5)
    word.styles["After Table"].font.size = Pt(4)
    for name in ("Header", "Footer"):
        word.styles[name].paragraph_format.tab_stops.clear_all()
    _set_border(word.styles["Law"], ("left",), "B35900", 18)
    _set_border(word.styles["Answer"], ("top", "left", "bottom", "right"), _LINE, 4)
    _set_border(word.styles["Header"], ("bottom",), _LINE, 4)
    _set_border(word.styles["Footer"], ("top",), _LINE, 4)


def _set_border(style: Any, sides: Iterable[str], colour: str, width: int) -> None:
    inside = "".join(f'<w:{side} w:val="single" w:sz="{width}" w:space="6" w:color="{colour}"/>' for side in sides)
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(
        parse_xml(f"<w:pBdr {nsdecls('w')}>{inside}</w:pBdr>"),
        *(f"w:{name}" for name in ("shd", "tabs", "spacing", "ind", "jc", "outlineLvl")),
    )


def _number_headings(word: Word, annex: str) -> None:
    """Number chapters 1, sections 1.1, annexes A: three styles, two lists."""
    numbering = word.part.numbering_part.element
    first = numbering.find(qn("w:num"))
    chapters = _write_level(0, "decimal", "%1", "Heading1", 567) + _write_level(1, "decimal", "%1.%2", "Heading2", 680)
    annexes = _write_level(0, "upperLetter", f"{annex} %1 –", "Annexe", 0, suffix="space")
    for number, levels in ((_CHAPTERS, chapters), (_ANNEXES, annexes)):
        kind = '<w:multiLevelType w:val="multilevel"/>'
        first.addprevious(
            parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{kind}{levels}</w:abstractNum>')
        )
        # All `abstractNum` must stand before the first `num` (CT_Numbering of ECMA-376).
        numbering.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>')
        )
    for name, number, level in (("Heading 1", _CHAPTERS, 0), ("Heading 2", _CHAPTERS, 1), ("Annexe", _ANNEXES, 0)):
        properties = word.styles[name].element.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = level, number
    none = word.styles["TOC Heading"].element.get_or_add_pPr().get_or_add_numPr()
    none.get_or_add_numId().val = 0
    # Level 9 is «body text»: the heading of the contents must not list itself.
    properties = word.styles["TOC Heading"].element.get_or_add_pPr()
    for old in properties.findall(qn("w:outlineLvl")):
        properties.remove(old)
    properties.append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="9"/>'))


def _write_level(level: int, form: str, text: str, style: str, indent: int, *, suffix: str = "tab") -> str:
    place = f'<w:pPr><w:ind w:left="{indent}" w:hanging="{indent}"/></w:pPr>'
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:pStyle w:val="{style}"/>'
        f'<w:suff w:val="{suffix}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>{place}</w:lvl>'
    )


def warn(run: Run) -> None:
    """Make a few words stand out as a warning."""
    run.bold, run.font.color.rgb = True, _BROWN


def add_right_tab(paragraph: Paragraph, room: int) -> None:
    """Put one tab stop at the right margin."""
    paragraph.paragraph_format.tab_stops.add_tab_stop(Emu(room), WD_TAB_ALIGNMENT.RIGHT)


def add_field(paragraph: Paragraph, code: str, shown: str) -> None:
    """Add a field with what it shows until it is computed."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run()
        if kind == "shown":
            run.text = text
        elif kind:
            _add_mark(run, kind)
        else:
            _add_instruction(run, text)


def _add_mark(run: Any, kind: str, *, is_stale: bool = False) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if is_stale:
        mark.set(qn("w:dirty"), "true")
    run._r.append(mark)  # noqa: SLF001  python-docx has no field of its own


def _add_instruction(run: Any, code: str) -> None:
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {code} "
    run._r.append(text)  # noqa: SLF001  the same


def add_contents(word: Word, entries: Sequence[NumberedHeading]) -> None:
    """Add a table of contents: the field, to be computed on opening, and in it the entries as links meanwhile."""
    for place, entry in enumerate(entries):
        paragraph = word.add_paragraph(style="TOC 1")
        if not place:
            _add_mark(paragraph.add_run(), "begin", is_stale=True)
            _add_instruction(paragraph.add_run(), 'TOC \\o "1-1" \\h \\z \\u')
            _add_mark(paragraph.add_run(), "separate")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), _make_bookmark_name(entry.anchor))
        run = paragraph.add_run(f"{entry.number}  {entry.heading.text}")
        link.append(run._r)  # noqa: SLF001  python-docx has no link of its own
        paragraph._p.append(link)  # noqa: SLF001  the same
        if place == len(entries) - 1:
            _add_mark(paragraph.add_run(), "end")


def _make_bookmark_name(anchor: str) -> str:
    return "_" + anchor.replace("-", "_")


def add_bookmark(paragraph: Paragraph, text: str, anchor: str, number: int) -> None:
    """Write a text that can be referred to."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _make_bookmark_name(anchor))
    paragraph._p.append(start)  # noqa: SLF001  python-docx has no bookmark of its own
    paragraph.add_run(text)
    paragraph._p.append(end)  # noqa: SLF001  the same


def add_rows(table: Table, count: int) -> list[list[Any]]:
    """Add rows by copying one: adding cell by cell takes a hundred times longer. Returns the cells of each."""
    if not count:
        return []
    added: Any = table
    first = added.add_row()._tr  # noqa: SLF001  copying needs the element
    copies = [copy.deepcopy(first) for _ in range(count - 1)]
    for row in copies:
        table._tbl.append(row)  # noqa: SLF001  the same
    return [list(row.tc_lst) for row in (first, *copies)]


def fill(cell: Any, strong: str, text: str) -> None:
    """Write strong words, then a text, into the element of a cell."""
    paragraph = cell.p_lst[0]
    for part, is_strong in ((strong, True), (text, False)):
        if not part:
            continue
        run = paragraph.add_r()
        if is_strong:
            run.get_or_add_rPr().append(OxmlElement("w:b"))
        elif strong:
            run.add_br()
        first, *others = part.split("\n")
        run.add_t(first)
        for line in others:
            run.add_br()
            run.add_t(line)


def set_tint(cell: Any, colour: str) -> None:
    """Colour the element of a cell: `#d9efe0`."""
    shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour.removeprefix("#")}"/>'
    cell.get_or_add_tcPr().append(parse_xml(shade))


def lay_out(table: Table, widths: Sequence[float], room: int) -> None:
    """Fix the widths of columns, as shares of the room."""
    table.autofit = False
    # 635 EMU are a twentieth of a point, the unit of OOXML tables.
    sizes = [int(room * share / 635) for share in widths]
    for column, size in zip(table._tbl.tblGrid.gridCol_lst, sizes, strict=True):  # noqa: SLF001  speed, as in `rows`
        column.w = Emu(size * 635)
    for row in table._tbl.tr_lst:  # noqa: SLF001  the same
        for cell, size in zip(row.tc_lst, sizes, strict=True):
            cell.width = Emu(size * 635)


def dress(table: Table, *, small: bool) -> None:
    """Repeat the head row, keep rows whole, colour the head and the first column."""
    body = "TableSmall" if small else "TableText"
    for place, row in enumerate(table._tbl.tr_lst):  # noqa: SLF001  speed, as in `rows`
        properties = row.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if not place:
            properties.append(OxmlElement("w:tblHeader"))
        for column, cell in enumerate(row.tc_lst):
            cell.p_lst[0].style = body if place else "TableHead"
            if not place or not column:
                fill_colour = _NAME_FILL if place else _HEAD_FILL
                shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{fill_colour}"/>'
                cell.get_or_add_tcPr().append(parse_xml(shade))
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/>' for side in sides)
    layout = table._tbl.tblPr.find(qn("w:tblLayout"))  # noqa: SLF001  no word for it
    layout.addprevious(parse_xml(f"<w:tblBorders {nsdecls('w')}>{borders}</w:tblBorders>"))
