"""Workbooks: judged as an archive, read by a limited process of its own, taken up row by row."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from passerelle.stages.decode import workbook
from passerelle.stages.decode.archive import WORKBOOK_LIMITS, inspect, notes
from passerelle.stages.decode.header import names
from passerelle.stages.decode.tables import Found, in_tables, progressing, warning
from passerelle.stages.decode.walk import MANY
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Xlsx
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.vocabulary.outcomes import Warned
    from passerelle.vocabulary.parcels import Decoded

DEADLINE = 120
"""Seconds that the reading process may take in all."""
_READER = Path(workbook.__file__)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an old container begins: a workbook of before 2007, or the wrapping of one protected by a password."""
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_FAILURES = {workbook.ENCRYPTED: "decode.parcel.encrypted", workbook.BROKEN: "decode.archive.broken"}
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One worksheet: its column names, and where its rows stand in the reader's output."""

    member: str
    columns: tuple[str, ...]
    offset: int
    left: int
    rows: int


def read(stream: IO[bytes], dialect: Xlsx, block_rows: int, numbering: Numbering) -> Iterator[Decoded]:
    """Read the named worksheets, or the first one, in the order of the workbook."""
    size = stream.seek(0, 2)
    _judge_container(stream)
    with tempfile.TemporaryFile() as output:
        _run_reader(stream, output, list(dialect.sheets))
        sheets, warned = _survey(output, dialect)
        batches = chain.from_iterable(
            in_tables(sheet.member, _records(output, sheet), block_rows, numbering, columns=sheet.columns)
            for sheet in sheets
        )
        yield from progressing(warning(batches, warned), size, sum(sheet.rows for sheet in sheets))


def _judge_container(stream: IO[bytes]) -> None:
    stream.seek(0)
    head = stream.read(8)
    if not head:
        raise ParcelError("decode.parcel.empty")
    if head == _OLE and _PROTECTED in stream.read(WORKBOOK_LIMITS.total):
        raise ParcelError("decode.parcel.encrypted")
    if not head.startswith(b"PK"):
        raise ParcelError("decode.parcel.not_declared", declared="XLSX")
    inspect(stream, WORKBOOK_LIMITS)


def _run_reader(stream: IO[bytes], output: IO[bytes], wanted: list[str]) -> None:
    """Let the reader write all rows to `output`. Raises ParcelError when it fails, is killed or takes too long."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    with tempfile.TemporaryFile() as copy:
        stream.seek(0)
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        try:
            done = subprocess.run(  # noqa: S603  our own reader
                [sys.executable, "-I", str(_READER), json.dumps(wanted)],
                stdin=copy,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=DEADLINE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ParcelError("decode.parcel.unfinished") from None
    if done.returncode:
        raise ParcelError(_FAILURES.get(done.returncode, "decode.parcel.unfinished"))


def _survey(output: IO[bytes], dialect: Xlsx) -> tuple[list[_Sheet], tuple[Warned, ...]]:
    """Go once through the output: where each sheet stands, and what is missing or unexpected."""
    output.seek(0)
    there: list[str] = json.loads(output.readline())
    members: Mapping[str, str] = dialect.sheets or dict.fromkeys(there[:1], "")
    sheets = []
    while line := output.readline():
        about = json.loads(line)
        sheets.append(_survey_sheet(output, members[about["sheet"]], about, dialect.header_row))
    if not sheets:
        raise ParcelError("decode.member.none")
    missing = [(name, member) for name, member in dialect.sheets.items() if name not in there]
    unexpected = [position for position, name in enumerate(there, start=1) if name not in members]
    return sheets, notes(missing, unexpected if dialect.sheets else [])


def _survey_sheet(output: IO[bytes], member: str, about: dict[str, Any], header_row: int) -> _Sheet:
    """Find the column names of a sheet and count its rows. Leaves `output` behind its last row."""
    header: list[str] = []
    offset, rows = output.tell(), 0
    for number, cells in _rows(output):
        if number <= header_row:
            header = _merged(cells, number, about, header, header_row)
            offset = output.tell()
        else:
            rows += 1
    while header and not header[-1]:
        header.pop()
    if not header:
        raise ParcelError("decode.header.unreadable" if rows else "decode.parcel.empty")
    return _Sheet(member, names(header), offset, about["left"], rows)


def _merged(cells: list[str], number: int, about: dict[str, Any], header: list[str], header_row: int) -> list[str]:
    """Take up one row down to the header row: its cells, with what merged cells spread to their right and below."""
    row = [""] * about["left"] + cells
    made = header or [""] * len(row)
    if number == header_row:
        made = [cell or above for cell, above in zip(row, made, strict=True)]
    for (top, left), (bottom, right) in about["merged"]:
        if top == number - 1 and top < header_row <= bottom + 1:
            made[left : right + 1] = [row[left]] * (right + 1 - left)
    return made


def _rows(output: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Return the rows from here to the next sheet; `output` then stands before it."""
    place = output.tell()
    while (line := output.readline()).startswith(b"["):
        number, cells = json.loads(line)
        yield number, cells
        place = output.tell()
    output.seek(place)


def _records(output: IO[bytes], sheet: _Sheet) -> Iterator[Found]:
    output.seek(sheet.offset)
    width = len(sheet.columns)
    for number, cells in _rows(output):
        row = [""] * sheet.left + cells
        found = len(row) - next((place for place, cell in enumerate(reversed(row)) if cell), len(row))
        if found > width:
            facts = {"found": str(found), "expected": str(width)}
            yield Found(number, fault=MANY, raw=json.dumps(row[:found], ensure_ascii=False), facts=facts)
        else:
            row += [""] * (width - len(row))
            yield Found(number, dict(zip(sheet.columns, row, strict=False)))
