"""Nothing that a workbook holds is lost in silence: errors, formulas, shown zeros, merged and doubled cells, sheets."""

from __future__ import annotations

import io
import re
import zipfile

import polars as pl
import pytest
import xlsxwriter

from passerelle.stages.decode.dialects import Xlsx
from passerelle.vocabulary.cell_marks import ERRORS
from passerelle.vocabulary.errors import ParcelError

HEADER = ("ID", "Code", "Note")


def book(fill, **options) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, **options}) as made:
        fill(made)
    return stream.getvalue()


def sheet_of(*rows) -> bytes:
    def fill(made) -> None:
        sheet = made.add_worksheet("Feuil1")
        for number, cells in enumerate((HEADER, *rows)):
            sheet.write_row(number, 0, cells)

    return book(fill)


def rewritten(content: bytes, change, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """Change the text of one part of a workbook, as a program with habits of its own would have written it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name).decode()
            after.writestr(name, change(text) if name == part else text)
    return stream.getvalue()


def prefixed(text: str) -> str:
    """Write every element of a sheet with a prefix, as some programs do."""
    start = text.index("<worksheet")
    body = text[start:].replace("</", "\0").replace("<", "<x:").replace("\0", "</x:")
    return text[:start] + body.replace("xmlns=", "xmlns:x=")


def placeless(text: str) -> str:
    """Leave out the places of cells and rows: each follows the one before it."""
    return re.sub(r'(<(?:c|row))( r="[A-Z]*[0-9]+")', r"\1", text)


def codes(found) -> list[tuple[str, str, str]]:
    return [(item.reason, item.place.column, item.details.get("count", "")) for item in found.warned]


@pytest.mark.parametrize("error", sorted(error for error in ERRORS if error.isascii()))
def test_every_error_of_a_spreadsheet_stays_in_its_cell(outcome, error):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ("1", "a"))
        sheet.write_formula(1, 2, "=1/0", None, "#N/A")

    found = outcome(rewritten(book(fill), lambda text: text.replace("#N/A", error)), Xlsx())
    assert found.rows == [("1", "a", error)]


def test_an_error_that_nobody_knows_yet_is_an_error_too(outcome):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_formula(1, 0, "=1/0", None, "#N/A")

    found = outcome(rewritten(book(fill), lambda text: text.replace("#N/A", "#NOUVEAU!")), Xlsx())
    assert found.rows == [("#UNKNOWN!", "", "")]


def _formulas(made) -> None:
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for row, value in enumerate(("", "12", 0, "texte"), start=1):
        sheet.write_formula(row, 0, "=A9", None, value)
        sheet.write(row, 1, "x")
    sheet.write_formula(5, 2, '=IF(A9="","","x")', None, "vide")


def emptied(text: str) -> str:
    """Make the last formula one whose result is an empty text, as a spreadsheet writes it."""
    return text.replace("<v>vide</v>", "<v></v>")


@pytest.mark.parametrize("writing", [emptied, lambda text: prefixed(emptied(text)), placeless])
def test_a_formula_without_result_is_no_empty_cell(outcome, writing):
    found = outcome(rewritten(book(_formulas), writing), Xlsx())
    assert [row[0] for row in found.rows][:4] == ["#FORMULA!", "12", "0", "texte"]


def test_a_formula_whose_result_is_an_empty_text_is_an_empty_cell(outcome):
    found = outcome(rewritten(book(_formulas), emptied), Xlsx())
    assert found.lines == [2, 3, 4, 5]


def test_a_column_of_nothing_but_formulas_without_result_is_read_as_such(outcome):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ("", *HEADER))
        sheet.write_formula(1, 0, "=B1", None, "")
        sheet.write_formula(4, 0, "=B1", None, "")
        sheet.write_string(1, 1, "a")

    found = outcome(book(fill), Xlsx())
    assert (found.columns[0], found.rows, found.lines) == (
        "#1",
        [("#FORMULA!", "a", "", ""), ("#FORMULA!", "", "", "")],
        [2, 5],
    )


ZEROS = [
    ("00000", 1000, "01000"),
    ("000000000", 10000017, "010000017"),
    ("0#########", 612345678, "0612345678"),
    ('0#" "##" "##" "##" "##', 612345678, "06 12 34 56 78"),
    ('00" "00" "00', 1234, "00 12 34"),
    ('"FR"0000', 12, "FR0012"),
    ("000\\-000", 1234, "001-234"),
    ("00000;[Red]-00000", 75, "00075"),
    ("[<=9999999]000\\-0000;000\\-000\\-0000", 1234567, "123-4567"),
    ('0" "00" "00" "00" "000" "000" | "00', 185057800608436, "1 85 05 78 006 084 36"),
    ("00000", 1000.5, "1000.5"),
    ("00000", -12, "-12"),
    ("0", 7, "7"),
    ("0.00", 12.5, "12.5"),
    ("0.00", 7, "7"),
    ("#,##0", 12500, "12500"),
    ("#,##0.00", 12500, "12500"),
    ("000,000", 12500, "12500"),
    ("0%", 0.5, "0.5"),
    ("00%", 0.5, "0.5"),
    ("0.00E+00", 185057800608436, "185057800608436"),
    ("00 €", 5, "05 €"),
    ("@", 12, "12"),
    ("General", 123456789012, "123456789012"),
]


@pytest.mark.parametrize("writing", [str, prefixed, placeless])
def test_a_number_is_read_as_its_format_shows_it_when_that_writes_zeros(outcome, writing):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ("A",))
        for row, (form, number, _text) in enumerate(ZEROS, start=1):
            sheet.write_number(row, 0, number, made.add_format({"num_format": form}))

    found = outcome(rewritten(book(fill), writing), Xlsx())
    assert [row[0] for row in found.rows] == [text for _form, _number, text in ZEROS]


def test_a_number_of_sixteen_digits_has_lost_some(outcome):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        wide = made.add_format({"num_format": "0000000000000000000"})
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, (1234567890123450, 123456789012345))
        sheet.write_number(1, 2, 1234567890123450, wide)

    assert outcome(book(fill), Xlsx()).rows == [
        ("#DIGITS! 1234567890123450", "123456789012345", "#DIGITS! 1234567890123450")
    ]


def _merged(made) -> None:
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for row in range(1, 6):
        sheet.write(row, 2, f"n{row}")
    sheet.merge_range("A2:A4", "1")
    sheet.merge_range("A5:B6", "2")
    sheet.merge_range("B2:B3", "")
    sheet.merge_range("F1:H9", "à côté")


def test_merged_cells_are_a_doubt_once_a_column(outcome):
    found = outcome(book(_merged), Xlsx())
    assert [row[0] for row in found.rows] == ["1", "", "", "2", ""]
    assert codes(found) == [("decode.cell.merged", "ID", "2")]
    assert found.warned[0].place.line == 2


def test_the_value_of_merged_cells_is_repeated_when_the_connector_says_so(outcome):
    found = outcome(book(_merged), Xlsx(merged="repeat"))
    assert [row[:3] for row in found.rows] == [
        ("1", "", "n1"),
        ("1", "", "n2"),
        ("1", "", "n3"),
        ("2", "2", "n4"),
        ("2", "2", "n5"),
    ]
    assert not found.warned


@pytest.mark.parametrize("place", ["ZA1:ZB1", "D1:E1", "A9:C9", "ZA2:ZB3"])
def test_an_empty_merged_range_beside_the_data_is_nothing(outcome, place):
    content = rewritten(
        sheet_of(("1", "a", "b")),
        lambda text: text.replace("</sheetData>", f'</sheetData><mergeCells><mergeCell ref="{place}"/></mergeCells>'),
    )
    found = outcome(content, Xlsx())
    assert (found.columns, found.rows, found.warned) == (list(HEADER), [("1", "a", "b")], [])


TWICE = {
    "a row": lambda text: text.replace("</sheetData>", '<row r="3"><c r="A3"><v>9</v></c></row></sheetData>'),
    "a cell": lambda text: text.replace('<c r="B3"', '<c r="A3"><v>9</v></c><c r="B3"'),
    "a cell in another row": lambda text: text.replace('<c r="B2"', '<c r="A3"><v>9</v></c><c r="B2"'),
}


@pytest.mark.parametrize("writing", [str, prefixed])
@pytest.mark.parametrize("change", TWICE.values(), ids=TWICE)
def test_what_stands_twice_is_set_aside(outcome, change, writing):
    content = sheet_of((1, 2, 3), (4, 5, 6), (7, 8, 9))
    found = outcome(rewritten(content, lambda text: writing(change(text))), Xlsx())
    assert [(item.reason, item.place.line) for item in found.aside] == [("decode.row.twice", 3)]
    assert found.rows == [("1", "2", "3"), ("7", "8", "9")]


def test_a_row_that_stands_twice_and_is_empty_once_is_read(outcome):
    content = rewritten(
        sheet_of((1, 2, 3)), lambda text: text.replace("</sheetData>", '<row r="2" ht="12"/></sheetData>')
    )
    assert outcome(content, Xlsx()).rows == [("1", "2", "3")]


def test_a_header_that_stands_twice_parks_the_parcel(outcome):
    content = rewritten(
        sheet_of((1, 2, 3)),
        lambda text: text.replace("</sheetData>", '<row r="1"><c r="A1"><v>9</v></c></row></sheetData>'),
    )
    with pytest.raises(ParcelError) as refused:
        outcome(content, Xlsx())
    assert refused.value.code == "decode.header.unreadable"


def test_a_row_that_repeats_the_header_is_no_record(outcome):
    found = outcome(sheet_of((1, 2, 3), HEADER, (4, 5, 6)), Xlsx())
    assert [(item.reason, item.place.line) for item in found.aside] == [("decode.row.header_again", 3)]
    assert found.lines == [2, 4]


def _several(made) -> None:
    for name, hidden in (
        ("Cache", "hide"),
        ("Très caché", "very_hidden"),
        ("Vide", ""),
        ("Données", ""),
        ("Suite", ""),
    ):
        sheet = made.add_worksheet(name)
        if name != "Vide":
            sheet.write_row(0, 0, HEADER)
            sheet.write_row(1, 0, (name, 2))
        if hidden:
            getattr(sheet, hidden)()
    made.worksheets()[3].activate()
    made.worksheets()[3].set_first_sheet()


def test_the_first_sheet_that_people_see_is_read_and_the_others_are_told_with_their_values(outcome):
    found = outcome(book(_several), Xlsx())
    assert found.rows == [("Données", "2", "")]
    assert [(item.reason, item.place.member, item.details) for item in found.warned] == [
        ("decode.unread.sheet", name, {"name": name, "count": "5"}) for name in ("Cache", "Très caché", "Suite")
    ]


def test_a_sheet_that_is_hidden_is_read_when_the_connector_names_it(outcome):
    assert outcome(book(_several), Xlsx(sheets={"Très caché": ""})).rows == [("Très caché", "2", "")]


def test_the_name_of_a_sheet_commands_no_terminal(outcome):
    def fill(made) -> None:
        made.add_worksheet().write_row(0, 0, HEADER)
        made.add_worksheet("a\u009b31m\u202eb").write(0, 0, 1)

    (warning,) = outcome(book(fill), Xlsx()).warned
    assert warning.details["name"] == warning.place.member == "a\ufffd31m\ufffdb"


def test_empty_rows_above_the_header_are_told_with_the_first_row_that_is_not(outcome):
    def fill(made) -> None:
        made.add_worksheet().write_row(3, 0, HEADER)
        made.worksheets()[0].write_row(4, 0, ("1",))

    with pytest.raises(ParcelError) as refused:
        outcome(book(fill), Xlsx())
    assert (refused.value.code, refused.value.details) == ("decode.header.blank", {"expected": "1", "found": "4"})


def test_where_else_the_columns_may_stand_is_known_to_the_first_batch(outcome):
    def fill(made) -> None:
        first, second = made.add_worksheet("Lisez-moi"), made.add_worksheet("Données")
        first.write(0, 0, "Notice")
        first.write_row(4, 0, HEADER)
        second.write_row(0, 0, HEADER)

    (batch,) = outcome(book(fill), Xlsx()).batches
    assert [(other.sheet, other.row) for other in batch.other_headers if other.columns == set(HEADER)] == [
        ("Lisez-moi", 5),
        ("Données", 1),
    ]


def test_a_sheet_that_declares_entities_is_broken(outcome):
    content = rewritten(
        sheet_of(("1",)),
        lambda text: text.replace("<worksheet", '<!DOCTYPE worksheet [<!ENTITY a "aaaa">]><worksheet', 1),
    )
    with pytest.raises(ParcelError) as refused:
        outcome(content, Xlsx())
    assert refused.value.code == "decode.archive.broken"


def test_parts_are_found_whatever_their_capitals(outcome):
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(_formulas))) as before, zipfile.ZipFile(content, "w") as after:
        for name in before.namelist():
            after.writestr(name.replace("sheet1.xml", "Sheet1.xml"), before.read(name))
    assert outcome(content.getvalue(), Xlsx()).rows[0] == ("#FORMULA!", "x", "")


def test_a_workbook_in_which_errors_cannot_be_told_says_so(outcome):
    content = io.BytesIO()
    cell = '<table:table-cell office:value-type="string"><text:p>ID</text:p></table:table-cell>'
    cells = f"<table:table-row>{cell}</table:table-row>"
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        made.writestr(
            "content.xml",
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
            ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
            ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="A">{cells}{cells.replace("ID", "1")}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    found = outcome(content.getvalue(), Xlsx())
    assert (found.rows, codes(found)) == ([("1",)], [("decode.workbook.unmarked", "", "")])


def test_a_plain_workbook_warns_of_nothing(outcome):
    found = outcome(sheet_of(("1", "01000", 2.5), ("2", "#1 rue", "")), Xlsx())
    assert (found.warned, found.aside) == ([], [])
    assert isinstance(found.batches[0].table.frame, pl.DataFrame)


@pytest.mark.parametrize(("since_1904", "last"), [(False, 2_958_465), (True, 2_957_003)])
def test_midnight_of_the_last_day_is_a_moment_as_on_any_other_day(outcome, since_1904, last):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        moment = made.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_row(0, 0, ("A",))
        for row, number in enumerate((last, last - 1), start=1):
            sheet.write_number(row, 0, number, moment)

    found = outcome(book(fill, date_1904=since_1904), Xlsx())
    assert found.rows == [("9999-12-31T00:00:00",), ("9999-12-30T00:00:00",)]


@pytest.mark.parametrize("form", ["00000", "hh:mm"])
def test_what_is_no_number_at_all_in_a_formatted_cell_does_not_stop_the_reader(outcome, form):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ("A", "B"))
        sheet.write_number(1, 0, 12345, made.add_format({"num_format": form}))
        sheet.write_string(1, 1, "x")

    content = rewritten(book(fill), lambda text: text.replace("<v>12345</v>", "<v>NaN</v>"))
    assert [row[1] for row in outcome(content, Xlsx()).rows] == ["x"]
