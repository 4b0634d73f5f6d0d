"""Workbooks: canonical text, exact rows, a process of their own."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter

from passerelle.documents import workbook_child, workbook_reader
from passerelle.stages.decode.dialects import Xlsx
from passerelle.vocabulary.errors import ParcelError


def book(fill) -> bytes:
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, {"in_memory": True})
    fill(made)
    made.close()
    return stream.getvalue()


def refusal(outcome, data: bytes, dialect: Xlsx) -> str:
    with pytest.raises(ParcelError) as refused:
        outcome(data, dialect)
    return refused.value.code


def _plain(made) -> None:
    sheet = made.add_worksheet("Personnes")
    sheet.write_row("A1", ["Nom", "Né le", "Nom"])
    sheet.write_row("A2", ["Noël", 12, 1.5])
    sheet.write_row("A4", ["Élodie", "", True])
    other = made.add_worksheet("Dossiers")
    other.write_row("A1", ["id"])
    other.write_row("A2", [7])


def test_rows_have_the_numbers_of_the_worksheet_and_blank_ones_are_left_out(outcome):
    found = outcome(book(_plain), Xlsx())
    assert found.columns == ["Nom", "Né le", "Nom#2"]
    assert found.rows == [("Noël", "12", "1.5"), ("Élodie", "", "true")]
    assert found.lines == [2, 4]


def test_named_sheets_are_members_and_others_are_told_with_what_they_hold(outcome):
    found = outcome(book(_plain), Xlsx(sheets={"Dossiers": "case", "Absente": "x"}))
    assert [batch.table.member for batch in found.batches] == ["case"]
    assert [(item.reason, item.details) for item in found.warned] == [
        ("decode.member.missing", {"expected": "Absente"}),
        ("decode.unread.sheet", {"name": "Personnes", "count": "8"}),
    ]


def test_no_named_sheet_parks_the_parcel(outcome):
    assert refusal(outcome, book(_plain), Xlsx(sheets={"Absente": "x"})) == "decode.member.none"


def test_merged_names_spread_and_values_are_canonical(outcome):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        day, moment, hour = (made.add_format({"num_format": f}) for f in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm", "hh:mm"))
        span = made.add_format({"num_format": "[h]:mm"})
        sheet.merge_range("B2:C2", "Période")
        sheet.merge_range("D1:D2", "Heure")
        sheet.write_row("E2", ["Durée", "Total"])
        sheet.write_datetime("B3", datetime(2024, 12, 31), day)  # noqa: DTZ001  worksheets have no zones
        sheet.write_datetime("C3", datetime(2024, 12, 31, 8, 30), moment)  # noqa: DTZ001  worksheets have no zones
        sheet.write_datetime("D3", time(8, 30), hour)
        sheet.write_datetime("E3", timedelta(hours=37, minutes=30), span)
        sheet.write_formula("F3", "=1+1", None, 2)

    found = outcome(book(fill), Xlsx(header_row=2))
    assert found.columns == ["#1", "Période", "Période#2", "Heure", "Durée", "Total"]
    assert found.rows == [("", "2024-12-31", "2024-12-31T08:30:00", "08:30:00", "37:30:00", "2")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (-0.5, "-0.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (184127511604305.0, "184127511604305"),
        (999999999999999.0, "999999999999999"),
        (1e15, "#DIGITS! 1000000000000000"),
        (-1e20, "#DIGITS! -100000000000000000000"),
        (False, "false"),
        ("", ""),
        (None, ""),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29), "2024-02-29"),  # noqa: DTZ001  worksheets have no zones
        (datetime(2024, 2, 29, 8, 59, 59, 500_000), "2024-02-29T09:00:00"),  # noqa: DTZ001  worksheets have no zones
        (datetime(2024, 2, 28, 23, 59, 59, 999_000), "2024-02-29"),  # noqa: DTZ001  worksheets have no zones
        (time(7, 5), "07:05:00"),
        (time(23, 59, 59, 999_000), "24:00:00"),
        (timedelta(minutes=-90), "-01:30:00"),
    ],
)
def test_each_kind_of_cell_has_one_text(value, text):
    assert workbook_child.to_text(value) == text


def test_a_row_wider_than_the_header_is_set_aside(outcome):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row("A1", ["a", "b"])
        sheet.write_row("A2", [1, 2, 3])
        sheet.write_row("A3", [4, 5])

    found = outcome(book(fill), Xlsx())
    assert (found.rows, found.lines) == ([("4", "5")], [3])
    assert found.faults == [("decode.row.too_many_cells", 2, 0)]
    assert found.aside[0].details == {"found": "3", "expected": "2"}
    assert found.aside[0].raw == '["1", "2", "3"]'


def test_batches_hold_the_declared_number_of_rows(outcome):
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row("A1", ["a"])
        for row in range(1, 26):
            sheet.write(row, 0, row)

    data = book(fill)
    found = outcome(data, Xlsx(), block_rows=10)
    assert [batch.received for batch in found.batches] == [10, 10, 5]
    assert found.batches[-1].consumed == len(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "decode.parcel.empty"),
        (b"a;b\n", "decode.parcel.not_declared"),
        (workbook_reader._OLE + b"\0" * 600, "decode.parcel.not_declared"),
        (workbook_reader._OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "decode.parcel.encrypted"),
        (book(_plain)[:900], "decode.archive.broken"),
    ],
)
def test_what_is_not_a_workbook_parks_the_parcel(outcome, data, code):
    assert refusal(outcome, data, Xlsx()) == code


def test_an_archive_that_is_no_workbook_is_broken(outcome):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("x.txt", "y")
        made.writestr("z.txt", "y")  # one file alone would be taken for the workbook, packed
    assert refusal(outcome, stream.getvalue(), Xlsx()) == "decode.archive.broken"


def test_an_empty_sheet_parks_the_parcel(outcome):
    assert refusal(outcome, book(lambda made: made.add_worksheet()), Xlsx()) == "decode.parcel.empty"


def test_a_reader_that_takes_too_long_is_stopped(outcome, monkeypatch):
    monkeypatch.setattr(workbook_reader, "PARCEL", replace(workbook_reader.PARCEL, deadline=0.001))
    assert refusal(outcome, book(_plain), Xlsx()) == "decode.parcel.unfinished"


def test_a_reader_that_is_killed_parks_the_parcel(outcome, monkeypatch, tmp_path):
    script = tmp_path / "killed.py"
    script.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", encoding="ascii")
    monkeypatch.setattr(workbook_reader, "_READER", script)
    assert refusal(outcome, book(_plain), Xlsx()) == "decode.parcel.unfinished"


def test_the_reader_gives_up_memory_time_output_and_core_files():
    resource = pytest.importorskip("resource")
    kinds = ("AS", "CPU", "FSIZE", "CORE")
    limits_then = ", ".join(f"resource.getrlimit(resource.RLIMIT_{kind})[1]" for kind in kinds)
    most_memory, most_seconds = workbook_reader.PARCEL.child.memory, workbook_reader.PARCEL.child.seconds
    run = f"runpy.run_path({workbook_child.__file__!r})['limit']({most_memory}, {most_seconds})"
    words = f"import json, resource, runpy; {run}; print(json.dumps([{limits_then}]))"
    done = subprocess.run([sys.executable, "-I", "-c", words], capture_output=True, check=True)
    limits = json.loads(done.stdout)
    wanted = (most_memory, most_seconds, workbook_child.OUTPUT, 0)
    for kind, limit, most in zip(kinds, limits, wanted, strict=True):
        hard = resource.getrlimit(getattr(resource, f"RLIMIT_{kind}"))[1]
        assert limit == (most if hard == resource.RLIM_INFINITY else min(most, hard))


def test_a_workbook_whose_sheet_is_a_bomb_is_refused_unopened(outcome):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/worksheets/sheet1.xml", b"<row/>" * (5 << 20))
    assert refusal(outcome, stream.getvalue(), Xlsx()) == "decode.archive.bomb"


def _hide(made) -> None:
    sheet = made.add_worksheet()
    for number, row in enumerate((("A", "B", "C"), ("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"))):
        sheet.write_row(number, 0, row)
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_row(6, None, None, {"hidden": True})
    sheet.set_column(1, 1, None, None, {"hidden": True})
    sheet.set_column(7, 9, None, None, {"hidden": True})


def _write_otherwise(data: bytes) -> bytes:
    """Write the sheet in a way that only the parser follows: its cells carry no place."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(written, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, re.sub(rb'<c r="[A-Z]+[0-9]+"', b"<c", content) if "/sheet1" in name else content)
    return written.getvalue()


@pytest.mark.parametrize("rewrite", [bytes, _write_otherwise], ids=["the quick search", "the parser"])
def test_rows_and_columns_that_people_do_not_see_are_read_and_told(outcome, rewrite):
    found = outcome(rewrite(book(_hide)), Xlsx())
    assert [row[1] for row in found.rows] == ["2", "5", "8"]
    told = [(one.reason, one.place.line, one.place.column, dict(one.details)) for one in found.warned]
    assert told == [("decode.row.hidden", 3, "", {"count": "1"}), ("decode.column.hidden", 1, "B", {})]


def test_a_sheet_that_shows_everything_has_nothing_to_tell(outcome):
    reasons = {one.reason for one in outcome(book(_plain), Xlsx()).warned}
    assert reasons == {"decode.unread.sheet"}
