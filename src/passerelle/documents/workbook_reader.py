"""Reads workbooks, whoever they come from: judged before they are opened, parsed in a limited process of its own.

A spreadsheet of some kilobytes can claim billions of cells. No other module parses one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING

from passerelle.documents import workbook_child as child
from passerelle.documents.archives import WORKBOOK_LIMITS, ArchiveLimits, open_judged
from passerelle.documents.table_page import is_web_page
from passerelle.documents.workbook_rows import iter_rows
from passerelle.vocabulary.errors import ParcelError, UsageError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import open_nowhere

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_READER = Path(child.__file__)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an old container begins: a workbook of before 2007, or the wrapping of one protected by a password."""
_HEAD = 4096
"""Bytes in which a page saved as a workbook says that it is one."""
_MAX_PAGE = 64 << 20
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_FAILURES = {child.ENCRYPTED: "decode.parcel.encrypted", child.BROKEN: "decode.archive.broken"}
_CRASHES = frozenset(
    {1, *(-getattr(signal, name) for name in ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE") if hasattr(signal, name))}
)
"""Return codes of a reader that failed by itself: an exception or a panic that nobody expected, a wild pointer.

SIGABRT and SIGKILL are not among them: so ends what asks for more memory than it may have.
"""
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP")


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the reading process may take."""

    memory: int
    """Bytes of address space."""
    seconds: int
    """Of processor."""
    cells: int = 0
    """Cells that one sheet may span, from A1 to its last one; 0: as many as fit the memory."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What a workbook may hold, and what reading it may take."""

    archive: ArchiveLimits
    child: ChildLimits
    deadline: float
    """Seconds in all, on the clock."""


PARCEL = ReadingLimits(WORKBOOK_LIMITS, ChildLimits(memory=1 << 30, seconds=60), deadline=120)
"""An export of a supplier."""
RETURNED = ReadingLimits(
    ArchiveLimits(200, 64 << 20), ChildLimits(memory=256 << 20, seconds=10, cells=2_000_000), deadline=30
)
"""A worksheet that people filled in by hand: what is bigger is no such thing."""

Row = tuple[int, tuple[str, ...]]
"""Number in the worksheet, from 1, and canonical texts of the cells from column A."""


@contextmanager
def open_rows(stream: IO[bytes], wanted: Sequence[str]) -> Iterator[IO[bytes]]:
    """Read the worksheets of a parcel that are named, or the first one that people see and that is not empty.

    They come as the lines that `workbook_child` describes; what the other worksheets hold is counted there.

    Raises ParcelError when the parcel is no workbook, or asks for more than an honest one.
    """
    with _open_lines(stream, list(wanted) or None, PARCEL) as output:
        yield output


def list_sheets(stream: IO[bytes]) -> tuple[str, ...]:
    """Return the names of the worksheets. Raises ParcelError as `open_rows` does."""
    with _open_lines(stream, 0, PARCEL) as output:
        return tuple(json.loads(output.readline())["sheets"])


def read_returned(path: Path, refusal: str, sheets: int = 1) -> list[list[Row]]:
    """Read the first worksheets of a workbook that people hand back, without its empty rows.

    Fewer are returned when it has fewer. Raises UsageError: `usage.file.unreadable` when there is no such file,
    `refusal` when it is no workbook, `usage.workbook.protected`, and `usage.workbook.too_big` when it asks for more
    than an honest one.
    """
    try:
        stream = path.open("rb")
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
    with stream:
        try:
            with _open_lines(stream, sheets, RETURNED) as output:
                output.readline()
                found: list[list[Row]] = []
                while line := output.readline():
                    before = ("",) * json.loads(line)["left"]
                    found.append([(number, (*before, *cells)) for number, cells in iter_rows(output)])
                return found
        except ParcelError as error:
            raise UsageError(_REFUSALS.get(error.code, refusal), file=path.name) from None


_REFUSALS = {
    "decode.parcel.encrypted": "usage.workbook.protected",
    **dict.fromkeys(
        (
            *("decode.archive.bomb", "decode.archive.too_big", "decode.archive.too_many_entries"),
            "decode.parcel.unfinished",
        ),
        "usage.workbook.too_big",
    ),
}


@contextmanager
def _open_lines(stream: IO[bytes], wanted: list[str] | int | None, limits: ReadingLimits) -> Iterator[IO[bytes]]:
    with open_nowhere() as output, open_nowhere() as copy:
        stream = _read_only_entry(stream, limits.archive, copy)
        _judge(stream, limits.archive)
        _run_child(stream, output, wanted, limits)
        output.seek(0)
        yield output


def _judge(stream: IO[bytes], limits: ArchiveLimits) -> None:
    stream.seek(0)
    head = stream.read(8)
    if not head:
        raise ParcelError("decode.parcel.empty")
    if head == _OLE:
        _judge_old(stream, limits)
    elif head.startswith(b"PK"):
        open_judged(stream, limits)
    elif not is_web_page(head + stream.read(_HEAD)):
        raise ParcelError("decode.parcel.not_declared", declared="XLSX")
    elif stream.seek(0, 2) > _MAX_PAGE:
        raise ParcelError("decode.archive.too_big", limit=str(_MAX_PAGE))


def _judge_old(stream: IO[bytes], limits: ArchiveLimits) -> None:
    """Judge a workbook of before 2007: nothing in it is compressed, so its size is what it holds."""
    if stream.seek(0, 2) > limits.total:
        raise ParcelError("decode.archive.too_big", limit=str(limits.total))
    stream.seek(0)
    content = stream.read(limits.total)
    if _PROTECTED in content:
        raise ParcelError("decode.parcel.encrypted")
    # other programs keep their files in the same container: letters, presentations, mails
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise ParcelError("decode.parcel.not_declared", declared="XLSX")


def _read_only_entry(stream: IO[bytes], limits: ArchiveLimits, copy: IO[bytes]) -> IO[bytes]:
    """Return the workbook that a zip of one file holds, written to `copy`; else the parcel itself.

    Raises ParcelError for a zip that is not plain.
    """
    stream.seek(0)
    if stream.read(4) != b"PK\x03\x04":
        return stream
    archive = open_judged(stream, limits)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) != 1:
        return stream
    with archive.open(entries[0]) as entry:
        # the declared size was judged: what inflates to more is a lie
        content = entry.read(entries[0].file_size + 1)
    if len(content) > entries[0].file_size:
        raise ParcelError("decode.archive.bomb")
    copy.write(content)
    return copy


def _run_child(stream: IO[bytes], output: IO[bytes], wanted: list[str] | int | None, limits: ReadingLimits) -> None:
    """Let the child write all rows to `output`. Raises ParcelError when it fails, is killed or takes too long."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    with open_nowhere() as copy:
        stream.seek(0)
        # A child reads from a file descriptor, which the stream of a sealed parcel does not have.
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        try:
            done = subprocess.run(  # noqa: S603  our own reader
                # -I: neither PYTHONPATH nor packages of the user may bring code into the reader.
                [sys.executable, "-I", str(_READER), json.dumps(wanted), json.dumps(asdict(limits.child))],
                stdin=copy,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=limits.deadline,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ParcelError("decode.parcel.unfinished") from None
    if done.returncode in _CRASHES:
        raise ParcelError("incident.reader.crashed")
    if done.returncode:
        raise ParcelError(_FAILURES.get(done.returncode, "decode.parcel.unfinished"))
