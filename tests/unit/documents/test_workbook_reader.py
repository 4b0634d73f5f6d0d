"""What people hand back is judged before it is opened, and parsed in a process that may take little."""

from __future__ import annotations

import io
import sys
from contextlib import suppress

import pytest
import xlsxwriter
from hostile_workbooks import ALL, NO_WORKSHEET, TOO_BIG

from passerelle.documents import workbook_reader
from passerelle.documents.workbook_reader import RETURNED, list_sheets, read_returned
from passerelle.vocabulary.errors import ParcelError, UsageError

OURS = "usage.worksheet.invalid"


def _refusal(tmp_path, content: bytes) -> UsageError:
    (tmp_path / "reponse.xlsx").write_bytes(content)
    with pytest.raises(UsageError) as refused:
        read_returned(tmp_path / "reponse.xlsx", OURS)
    return refused.value


@pytest.mark.parametrize("name", TOO_BIG)
def test_a_workbook_that_claims_too_much_is_refused_by_its_name(tmp_path, name):
    refused = _refusal(tmp_path, TOO_BIG[name])
    assert (refused.code, refused.details) == ("usage.workbook.too_big", {"file": "reponse.xlsx"})


@pytest.mark.parametrize("name", ["an archive cut in two", "a text", "nothing"])
def test_what_is_no_workbook_is_refused_as_the_caller_says(tmp_path, name):
    assert _refusal(tmp_path, NO_WORKSHEET[name]).code == OURS


def test_entities_are_not_expanded(tmp_path):
    (tmp_path / "reponse.xlsx").write_bytes(ALL["entities that expand"])
    with suppress(UsageError):
        (rows,) = read_returned(tmp_path / "reponse.xlsx", OURS)
        assert sum(len(cell) for _number, cells in rows for cell in cells) < 1000


def test_a_workbook_protected_by_a_password_is_told_apart(tmp_path):
    content = workbook_reader._OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert _refusal(tmp_path, content).code == "usage.workbook.protected"


def test_a_file_that_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(UsageError) as refused:
        read_returned(tmp_path / "absent.xlsx", OURS)
    assert refused.value.code == "usage.file.unreadable"


def test_what_is_handed_back_is_read_in_less_than_three_hundred_megabytes_and_ten_seconds():
    assert RETURNED.child.memory < 300 << 20
    assert RETURNED.child.seconds <= 10


def _filled() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Décisions")
        sheet.write_row("A1", ["id", "réponse"])
        sheet.write_row("B3", ["oui", 12])
        book.add_worksheet("Vide")
    return stream.getvalue()


def test_rows_keep_their_numbers_and_their_first_column(tmp_path):
    (tmp_path / "r.xlsx").write_bytes(_filled())
    assert read_returned(tmp_path / "r.xlsx", OURS, 3) == [
        [(1, ("id", "réponse", "")), (3, ("", "oui", "12"))],
        [],
    ]


def test_the_names_of_worksheets_are_listed_without_their_rows():
    assert list_sheets(io.BytesIO(_filled())) == ("Décisions", "Vide")


def test_listing_the_names_of_a_bomb_is_refused():
    with pytest.raises(ParcelError):
        list_sheets(io.BytesIO(ALL["a sheet that inflates a thousand times"]))


_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process by no signal")


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("raise SystemError", "incident.reader.crashed"),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "incident.reader.crashed", marks=_SIGNALS
        ),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "decode.parcel.unfinished", marks=_SIGNALS
        ),
        pytest.param("import os; os.abort()", "decode.parcel.unfinished", marks=_SIGNALS),
    ],
    ids=["an exception or a panic", "a wild pointer", "killed by the system", "no memory"],
)
def test_a_reader_that_crashes_is_told_from_one_that_met_its_limits(tmp_path, monkeypatch, program, code):
    script = tmp_path / "reader.py"
    script.write_text(program, "utf-8")
    monkeypatch.setattr(workbook_reader, "_READER", script)
    with pytest.raises(ParcelError) as caught:
        list_sheets(io.BytesIO(_filled()))
    assert caught.value.code == code
