"""Names in two rows: the first names groups of columns, in text and in workbooks."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.decoding import decode, peek
from passerelle.stages.decode.dialects import Csv, Xlsx
from passerelle.vocabulary.errors import ParcelError

NAMES = ("N°", "Usager / Nom", "Usager / Prénom", "Passage / Jour", "Passage / Début")
ROW = ("1", "DUPONT", "Jeanne", "04/11/2024", "09:00")


def read(content: bytes, dialect: Csv | Xlsx):
    return list(decode(io.BytesIO(content), dialect, block_bytes=1 << 20, block_rows=100, open_workbook=open_rows))


def book(*, merged: bool, deep: bool = False, above: int = 0) -> bytes:
    """Make a workbook; `merged`: groups are merged cells; `deep`: «N°» is merged over both rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet("Passages")
        for row in range(above):
            sheet.write_string(row, 0, "Édité le 04/11/2024")
        if deep:
            sheet.merge_range(above, 0, above + 1, 0, "N°")
        else:
            sheet.write_string(above, 0, "N°")
        for first, last, name in ((1, 2, "Usager"), (3, 4, "Passage")):
            if merged:
                sheet.merge_range(above, first, above, last, name)
            else:
                sheet.write_string(above, first, name)
        for column, name in enumerate(("Nom", "Prénom", "Jour", "Début"), start=1):
            sheet.write_string(above + 1, column, name)
        for column, cell in enumerate(ROW):
            sheet.write_string(above + 2, column, cell)
    return out.getvalue()


def test_a_column_of_a_text_is_called_by_its_group_and_its_name():
    text = "N°;Usager;;Passage;\r\n;Nom;Prénom;Jour;Début\r\n1;DUPONT;Jeanne;04/11/2024;09:00\r\n".encode()
    (batch,) = read(text, Csv(header_rows=2))
    assert tuple(batch.table.frame.columns) == NAMES
    assert batch.table.frame.rows() == [ROW]
    assert batch.table.lines.to_list() == [3]
    assert peek(io.BytesIO(text), Csv(header_rows=2), open_rows) == {"": NAMES}


def test_a_notice_before_two_rows_of_names_is_recognised_by_the_names_that_are_needed():
    text = "Édité par X\r\nN°,Usager,\r\n,Nom,Prénom\r\n1,DUPONT,Jeanne\r\n".encode()
    dialect = Csv(header_rows=2, needed={"": ("N°", "Usager / Nom")})
    (batch,) = read(text, dialect)
    assert batch.table.frame.rows() == [("1", "DUPONT", "Jeanne")]
    assert {warning.reason for warning in batch.warned} == {"decode.separator.other", "decode.header.late"}


def test_a_text_that_ends_within_its_names_is_parked():
    with pytest.raises(ParcelError):
        read(b"A;B\r\n", Csv(header_rows=2))


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("above", [0, 2])
def test_a_column_of_a_worksheet_is_called_by_its_group_and_its_name(merged, deep, above):
    (batch,) = read(book(merged=merged, deep=deep, above=above), Xlsx(header_row=above + 1, header_rows=2))
    assert tuple(batch.table.frame.columns) == NAMES
    assert batch.table.frame.rows() == [ROW]


def test_a_group_that_is_not_merged_but_empty_beside_it_stays_within_its_columns():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["Usager", "", "Total"])
        sheet.write_row(1, 0, ["Nom", "Prénom"])
        sheet.write_row(2, 0, ["DUPONT", "Jeanne", "2"])
    (batch,) = read(out.getvalue(), Xlsx(header_rows=2))
    assert batch.table.frame.row(0, named=True) == {"Usager / Nom": "DUPONT", "Usager / Prénom": "Jeanne", "Total": "2"}
