"""The document, whatever it is written as: whole, escaped, numbered, readable by everybody."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise

import docx
import pytest
from docx.oxml.ns import qn
from lxml import html

from passerelle.tender import consultation, order_file, questions, trades
from passerelle.tender.building import writing
from passerelle.tender.composing import BuyerChoices, compose

WARNING = "À faire relire par un juriste."


@pytest.fixture
def page(seen):
    return html.fromstring((seen / "cahier-des-charges.html").read_bytes())


@pytest.fixture
def word(seen):
    return docx.Document(seen / "cahier-des-charges.docx")


def _text(element):
    return " ".join("".join(element.itertext()).split())


def test_every_requirement_is_on_every_paper(seen, page, word):
    ids = {one.id for one in consultation.read(seen).requirements}
    markdown = (seen / "cahier-des-charges.md").read_text("utf-8")
    in_word = {cell.text for table in word.tables for cell in table.columns[0].cells}
    in_page = {_text(cell) for cell in page.iter("th")}
    assert {one for one in ids if one not in markdown} == set()
    assert ids <= in_word
    assert ids <= in_page


def test_what_the_buyer_writes_cannot_become_markup(seen, page):
    source = (seen / "cahier-des-charges.html").read_text("utf-8")
    assert "<des Lilas>" not in source
    assert "Association <des Lilas> & Cie" in _text(page)
    assert "essai" in (seen / "cahier-des-charges.md").read_text("utf-8").splitlines()[0]


def test_the_page_stands_alone_and_can_be_read_by_everybody(page):
    assert page.get("lang") == "fr"
    assert [element.tag for element in page.iter("script", "link", "img", "iframe")] == []
    assert [table for table in page.iter("table") if table.find("caption") is None] == []
    assert [head for head in page.iter("th") if head.get("scope") not in ("col", "row")] == []
    levels = [int(element.tag[1]) for element in page.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    anchors = {element.get("id") for element in page.iter() if element.get("id")}
    assert {link.get("href").removeprefix("#") for link in page.iter("a")} <= anchors


def _luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("#1b1f24", "#ffffff"), ("#454c54", "#ffffff"), ("#1f4e79", "#ffffff"), ("#ffffff", "#1f4e79"),
     ("#1b1f24", "#eaf1f8"), ("#7a3d00", "#fff6ec")],
)  # fmt: skip
def test_colours_of_the_page_have_enough_contrast(seen, ink, paper):
    source = (seen / "cahier-des-charges.html").read_text("utf-8")
    assert ink in source or ink == "#ffffff"
    lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_legal_reference_stands_with_its_source_and_its_warning(seen, page, word):
    notes = [_text(note) for note in page.find_class("law")]
    in_word = [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "Law"]
    in_markdown = [
        line for line in (seen / "cahier-des-charges.md").read_text("utf-8").splitlines() if line.startswith(">")
    ]
    sources = {law.source.fr for law in questions.get_laws().values()}
    assert len(notes) == len(in_word) == len(in_markdown) >= 10
    for note in (*notes, *in_word):
        assert WARNING in note
        assert any(" ".join(source.split()) in " ".join(note.split()) for source in sources)
    for note in in_markdown:
        assert WARNING in note


def test_no_law_is_named_outside_the_notes_that_carry_a_warning(page):
    for note in page.find_class("law"):
        note.getparent().remove(note)
    for cell in page.find_class("wide"):
        cell.getparent().remove(cell)
    assert re.findall(r"\bart\. [LR]?\.? ?\d[\d-]*|CCAG-TIC", _text(page)) == []


def test_headings_are_numbered_by_the_word_processor_and_in_the_contents(word):
    styles = {paragraph.style.name for paragraph in word.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Annexe", "Caption", "TOC 1"} <= styles
    for name in ("Heading 1", "Heading 2", "Annexe"):
        assert word.styles[name].element.pPr.numPr.numId is not None
    contents = [paragraph for paragraph in word.paragraphs if paragraph.style.name == "TOC 1"]
    entries = [_text(paragraph._p) for paragraph in contents]
    chapters = [one.text for one in word.paragraphs if one.style.name in ("Heading 1", "Annexe")]
    assert entries[0].endswith(f"1 {chapters[0]}")
    assert [entry.split(" ", 1)[1].endswith(chapter) for entry, chapter in zip(entries, chapters, strict=True)]
    marks = {mark.get(qn("w:name")) for mark in word.element.iter(qn("w:bookmarkStart"))}
    assert {link.get(qn("w:anchor")) for link in word.element.iter(qn("w:hyperlink"))} <= marks
    assert 'TOC \\o "1-1"' in "".join(code.text for code in word.element.iter(qn("w:instrText")))


def test_tables_repeat_their_heads_and_keep_rows_whole(word):
    for table in word.tables[1:]:
        rows = table._tbl.tr_lst
        assert rows[0].trPr.find(qn("w:tblHeader")) is not None
        assert [row for row in rows if row.trPr is None or row.trPr.find(qn("w:cantSplit")) is None] == []


def test_wide_tables_are_on_pages_in_landscape(word):
    first, last = word.sections
    assert first.page_width < first.page_height
    assert last.page_width > last.page_height


def test_every_page_says_who_what_and_which_content(seen, word):
    for section in word.sections:
        assert "essai" in section.header.paragraphs[0].text
        footer = section.footer.paragraphs[0]
        codes = [code.text.strip() for code in footer._p.iter(qn("w:instrText"))]
        assert codes == ["PAGE", "NUMPAGES"]
        digest = re.search(r"Empreinte ([0-9a-f]{16})", footer.text)[1]
        assert digest in (seen / "cahier-des-charges.html").read_text("utf-8")


def test_the_word_file_holds_no_moment_but_the_frozen_day(seen):
    with zipfile.ZipFile(io.BytesIO((seen / "cahier-des-charges.docx").read_bytes())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT", core) == ["2027-01-15T", "2027-01-15T"]


def test_parts_of_tables_and_styles_stand_in_the_order_of_the_standard(word):
    """Word repairs, or refuses, a file whose elements stand in another order than ECMA-376 gives."""
    cell_order = ["tcW", "gridSpan", "vMerge", "tcBorders", "shd"]
    table_order = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook"]
    run_order = ["rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "color", "spacing", "kern", "sz", "szCs", "lang"]
    form_order = ["pStyle", "keepNext", "keepLines", "pageBreakBefore", "numPr", "pBdr", "shd", "tabs", "spacing",
                  "ind", "contextualSpacing", "jc", "outlineLvl"]  # fmt: skip
    roots = (word.element, word.styles.element)
    for name, order in (("tcPr", cell_order), ("tblPr", table_order), ("rPr", run_order), ("pPr", form_order)):
        for root in roots:
            for properties in root.iter(qn(f"w:{name}")):
                found = [child.tag.partition("}")[2] for child in properties]
                places = [order.index(child) for child in found if child in order]
                assert places == sorted(places), (name, found)


def test_room_is_left_for_answers_and_given_ones_are_printed(page):
    answers = [_text(box) for box in page.find_class("answer")]
    assert len(answers) == len(questions.list_questions())
    assert "Réponse de l'acheteurPar une feuille lue ensemble." in answers
    assert sum(answer.endswith("À compléter") for answer in answers) == len(answers) - 1


def test_examples_are_written_as_people_write(page):
    cells = {_text(cell) for cell in page.iter("td")}
    assert cells & {"vrai", "faux"}
    assert cells & {"True", "False", "None"} == set()


def test_what_is_measured_is_folded_on_the_page_and_stands_in_an_annex(seen, page):
    folded = [_text(one.find("summary")) for one in page.iter("details")]
    assert len(folded) == 2
    measured = {one.id for one in consultation.read(seen).requirements if one.contract}
    inside = {_text(cell) for one in page.iter("details") for cell in one.iter("th")}
    assert measured <= inside
    headings = [_text(one) for one in page.iter("h2")]
    assert any(one.startswith("Annexe A") and "mesurées" in one for one in headings)


def test_a_figure_that_nobody_gave_is_to_be_completed(seen, tmp_path):
    small = (seen / "tender.toml").read_text("utf-8")
    (tmp_path / "tender.toml").write_text(small.replace("persons = 450", "persons = 0"), "utf-8")
    made = writing.build(tmp_path)
    page = html.fromstring((tmp_path / "cahier-des-charges.html").read_bytes())
    rows = [[_text(cell) for cell in row] for row in page.iter("tr")]
    assert ["Personnes accompagnées", "À compléter"] in rows
    given = tmp_path / "given"
    given.mkdir()
    (given / "tender.toml").write_text(small, "utf-8")
    assert writing.build(given).gaps == made.gaps - 1


def test_no_trade_proposes_a_figure_as_the_buyers_own():
    for name in trades.list_trades():
        begun = order_file.parse(compose(trades.get_trade(name), BuyerChoices(id="x", date="2027-01-01"), "fr"))
        assert set(begun.volumes.values()) == {0}
