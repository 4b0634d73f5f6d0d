"""The answer grid: fixed columns, columns to fill in, lists, and no formula from anybody's words."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from passerelle.tender import consultation, grid
from passerelle.tender.requirement import BilingualText


@pytest.fixture
def tender(seen):
    return consultation.read(seen)


def _sheet(content, place=0):
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(place).to_python(skip_empty_area=False)
    )


def _xml(content, name="xl/worksheets/sheet1.xml"):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def test_every_requirement_has_its_row_under_the_heads(tender):
    rows = _sheet(grid.write(tender))
    assert rows[grid.HEAD_ROW][0] == "N°"
    listed = [row[grid.PLACES["number"]] for row in rows[grid.HEAD_ROW + 1 :]]
    assert listed == [one.id for one in tender.requirements]
    assert rows[grid.HEAD_ROW + 1][grid.PLACES["weight"]] == tender.requirements[0].weight


def test_the_sheet_is_locked_except_where_people_write(tender):
    content = grid.write(tender)
    sheet, styles = _xml(content), _xml(content, "xl/styles.xml")
    assert "<sheetProtection" in sheet
    listed = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)[0]
    formats = [etree.tostring(one).decode() for one in etree.fromstring(listed)]
    row = grid.HEAD_ROW + 2
    for place, column in enumerate(grid.COLUMNS):
        cell = re.search(rf'<c r="{chr(65 + place)}{row}" s="(\d+)"', sheet)
        is_open = 'locked="0"' in formats[int(cell[1])]
        assert is_open is (column.owner is grid.ColumnOwner.FREE or column.key == "comment"), column.key


def test_answers_come_from_a_list_and_commitments_are_dates(tender):
    checks = re.findall(r"<dataValidation .*?</dataValidation>", _xml(grid.write(tender)), re.DOTALL)
    assert len(checks) == 2
    assert '"ST,PA,DS,SP,HP"' in checks[0].replace("&quot;", '"')
    assert 'type="date"' in checks[1]


def test_the_grid_can_be_filtered_scrolled_and_printed(tender):
    sheet = _xml(grid.write(tender))
    for word in ("<autoFilter", 'state="frozen"', 'orientation="landscape"', 'fitToHeight="0"', "<headerFooter"):
        assert word in sheet
    assert "Print_Titles" in _xml(grid.write(tender), "xl/workbook.xml")


def test_words_that_look_like_formulas_stay_words(tender):
    spoiled = replace(tender.requirements[0], title=BilingualText("=1+1", "=1+1"), statement=BilingualText("@x", "@x"))
    content = grid.write(replace(tender, requirements=(spoiled,)))
    assert "<f>" not in _xml(content)
    assert _sheet(content)[grid.HEAD_ROW + 1][grid.PLACES["title"]] == "=1+1"


def test_a_filled_grid_shows_the_answer_beside_what_was_found(tender):
    number = tender.requirements[0].id
    filling = grid.GridFilling(
        candidate="Éditeur & fils",
        given={number: grid.GridAnswer(answer="ST", details="p. 3")},
        found={number: grid.GridMeasure(verdict="conforme", measured="12/12", colour="#E9F5EC")},
    )
    rows = _sheet(grid.write(tender, filling))
    first = rows[grid.HEAD_ROW + 1]
    assert (first[grid.PLACES["answer"]], first[grid.PLACES["verdict"]]) == ("ST", "conforme")
    assert any("Éditeur & fils" in row for row in rows[: grid.HEAD_ROW])


def test_the_same_tender_gives_the_same_bytes(tender):
    assert grid.write(tender) == grid.write(tender)
