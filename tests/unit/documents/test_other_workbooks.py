"""What comes under the name of a workbook: files of before 2007, OpenDocument, web pages, and zips around one."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
from old_workbooks import make_old_workbook

from passerelle.documents import workbook_reader
from passerelle.documents.workbook_reader import RETURNED, list_sheets, read_returned
from passerelle.vocabulary.errors import ParcelError

ROWS = [["Nom", "Âge"], ["Évelyne", 81.0], ["", 7.5]]
READ = [(1, ("Nom", "Âge")), (2, ("Évelyne", "81")), (3, ("", "7.5"))]


def _read(tmp_path, content: bytes):
    path = tmp_path / "export.xls"
    path.write_bytes(content)
    return read_returned(path, "usage.file.unreadable")


def _zip(*entries: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


def _make_workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(ROWS):
            sheet.write_row(row, 0, cells)
    return target.getvalue()


def _make_open_document() -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
            if isinstance(cell, float)
            else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in ROWS
    )
    names = "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text")
    )
    content = (
        f'<office:document-content{names}><office:body><office:spreadsheet><table:table table:name="F">{cells}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    spaces = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    manifest = (
        f'<manifest:manifest {spaces}><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        "</manifest:manifest>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:  # the kind stands first, as it is
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return target.getvalue()


def test_a_workbook_of_before_2007_is_read(tmp_path):
    assert _read(tmp_path, make_old_workbook(ROWS)) == [READ]
    assert list_sheets(io.BytesIO(make_old_workbook(ROWS, name="Export"))) == ("Export",)


def test_a_container_of_another_program_is_no_workbook():
    with pytest.raises(ParcelError) as raised:
        list_sheets(io.BytesIO(make_old_workbook(ROWS, stream="WordDocument")))
    assert raised.value.code == "decode.parcel.not_declared"


def test_a_broken_workbook_of_before_2007_is_refused():
    with pytest.raises(ParcelError):
        list_sheets(io.BytesIO(make_old_workbook(ROWS)[:900] + b"\xff" * 200))


def test_an_open_document_is_read(tmp_path):
    assert _read(tmp_path, _make_open_document()) == [READ]


PAGE = """<html xmlns:x="urn:x"><head><meta charset="{charset}"><style>td {{ color: red }}</style></head><body>
<table><tr><td>Menu</td></tr></table>
<TABLE border=1><tr><th>Nom<th>Ville</tr>
<tr><td>Évelyne&nbsp;<b>B.</b></td><td>Albi<br>Centre</td></tr>
<tr><td colspan=2>Total</td></tr></TABLE></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_a_page_saved_as_a_workbook_is_read_by_its_widest_table(charset):
    with workbook_reader.open_rows(io.BytesIO(PAGE.format(charset=charset).encode(charset)), []) as output:
        lines = output.read().decode().splitlines()
    assert lines[0] == '{"sheets": ["Table 1", "Table 2"], "marked": true}'
    assert [line for line in lines if line.startswith("[")] == [
        '[1, ["Nom", "Ville"]]',
        '[2, ["\\u00c9velyne\\u00a0B.", "Albi\\nCentre"]]',
        '[3, ["Total", ""]]',
    ]
    assert '"unread": "Table 1", "values": 1' in lines[-1]


def test_a_cell_that_covers_several_rows_leaves_their_places_empty(tmp_path):
    page = b"<table><tr><td rowspan=2>A</td><td>1</td></tr><tr><td>2</td></tr></table>"
    assert _read(tmp_path, page) == [[(1, ("A", "1")), (2, ("", "2"))]]


def test_a_page_without_tables_has_no_sheets():
    assert list_sheets(io.BytesIO(b"<html><body>Session expir\xe9e</body></html>")) == ()


def test_a_page_that_asks_for_more_than_an_honest_one_is_refused(monkeypatch):
    monkeypatch.setattr(workbook_reader, "_MAX_PAGE", 100)
    with pytest.raises(ParcelError) as raised:
        list_sheets(io.BytesIO(b"<table>" + b"<tr><td>a" * 100))
    assert raised.value.code == "decode.archive.too_big"


def test_a_zip_of_one_workbook_is_that_workbook(tmp_path):
    assert _read(tmp_path, _zip(("dossier/export.xlsx", _make_workbook()))) == [READ]


def test_a_zip_of_two_workbooks_is_none(tmp_path):
    content = _zip(("a.xlsx", _make_workbook()), ("b.xlsx", _make_workbook()))
    with pytest.raises(ParcelError):
        list_sheets(io.BytesIO(content))


def test_what_is_handed_back_keeps_its_bounds():
    assert RETURNED.archive.total < workbook_reader.PARCEL.archive.total
