"""Archives: which of their entries are members of a parcel. They are judged before anything is opened."""

from __future__ import annotations

import struct
import zipfile
import zlib
from fnmatch import fnmatchcase
from functools import partial
from io import BytesIO
from typing import IO, TYPE_CHECKING

import numpy as np

from passerelle.documents.archives import open_judged
from passerelle.stages.decode.unread import MEMBER, UnreadTally
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from passerelle.documents.archives import ArchiveLimits
    from passerelle.stages.decode.text import Bytes


_PIECE = 1 << 20
_LF = 10
_OFFICE = frozenset({"[Content_Types].xml", "mimetype"})
"""Entries by which workbooks (OOXML, OpenDocument) are told from zips of files."""
_LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
"""What archivers and file systems add by themselves: nobody's data."""


def open_members(
    stream: IO[bytes], patterns: Mapping[str, str], limits: ArchiveLimits, delimiter: str = ";"
) -> tuple[dict[str, Callable[[], Bytes]], tuple[RowWarning, ...]]:
    """Find the entries that patterns name, as openers by member name in the order of the patterns.

    Raises ParcelError when there is nothing in the archive, when none of them is there, or two for one member. What is
    missing or not read comes as warnings; `delimiter` parts the values of the latter.
    """
    stream.seek(0)
    if stream.read(4)[:2] != b"PK":
        raise ParcelError("decode.parcel.not_declared", declared="ZIP")
    archive = open_judged(stream, limits)
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    if not entries:
        raise ParcelError("decode.archive.empty")
    openers: dict[str, Callable[[], Bytes]] = {}
    for pattern, member in patterns.items():
        matching = [
            entry
            for entry in entries
            # Windows archivers write backslashes, and file systems there do not tell capitals apart.
            if fnmatchcase(_fold(entry.filename.replace("\\", "/").rpartition("/")[2]), _fold(pattern))
        ]
        if len(matching) > 1 or (matching and member in openers):
            raise ParcelError("decode.member.ambiguous", expected=pattern)
        if matching:
            entries.remove(matching[0])
            openers[member] = partial(_Entry, archive, matching[0])
    if not openers:
        raise ParcelError("decode.member.none")
    missing = [(pattern, member) for pattern, member in patterns.items() if member not in openers]
    tally = UnreadTally()
    for entry in entries:
        tally.add(MEMBER, entry.filename, _count_cells(_Entry(archive, entry), delimiter))
    return openers, (*warn_missing(missing), *tally.drain())


def open_single(stream: IO[bytes], limits: ArchiveLimits) -> Callable[[], Bytes] | None:
    """Return the opener of the one file of a zip; None when the parcel is no such zip: a workbook, several files.

    Raises ParcelError when the zip is not plain, as for archives of several members.
    """
    stream.seek(0)
    if stream.read(4) != b"PK\x03\x04":
        return None
    archive = open_judged(stream, limits)
    names = {entry.filename for entry in archive.infolist()}
    if names & _OFFICE:
        return None
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    return partial(_Entry, archive, entries[0]) if len(entries) == 1 else None


def unwrap_single(stream: IO[bytes], limits: ArchiveLimits) -> IO[bytes]:
    """Return the one file of a zip, in memory; the parcel itself when it is no such zip. Raises as `open_single`."""
    opener = open_single(stream, limits)
    if opener is None:
        stream.seek(0)
        return stream
    entry, content = opener(), BytesIO()
    while piece := entry.read(_PIECE):
        content.write(piece)
    content.seek(0)
    return content


def _fold(name: str) -> str:
    # macOS decomposes accents in the names of files, and so do the archives that it makes.
    return compose(name).casefold()


def _is_litter(name: str) -> bool:
    folded = name.replace("\\", "/").casefold()
    return folded.startswith(_LITTER[0]) or folded.rpartition("/")[2] in _LITTER


def _count_cells(text: Bytes, delimiter: str) -> int:
    """Count the filled cells of a file that nobody reads, below its first line; 1 for what is no delimited text.

    Read once, without decoding: quoted separators count too, so it is an upper bound.
    """
    count, first, last = 0, True, b"\n"
    try:
        while chunk := text.read(_PIECE):
            if first and (b"\0" in chunk or b"\n" not in chunk):
                return 1
            chunk, first = (chunk.partition(b"\n")[2] if first else chunk), False
            data = np.frombuffer(last + chunk.replace(b"\r", b"").replace(b'""', b""), dtype=np.uint8)
            ends = (data == ord(delimiter)) | (data == _LF)
            count += int(np.count_nonzero(ends[:-1] & ~ends[1:]))
            last = chunk[-1:] or last
    except ParcelError:  # broken: it is not read, and costs nothing that is
        return 1
    return count


def warn_missing(missing: Iterable[tuple[str, str]]) -> tuple[RowWarning, ...]:
    """Warn of members that are not there: our name for each, and the member."""
    return tuple(
        RowWarning("decode.member.missing", Place(1, member=member), {"expected": name}) for name, member in missing
    )


class _Entry:
    """One entry while it inflates. Real bytes are counted: declared sizes lie."""

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        self._unread = entry.file_size
        try:
            self._stream = archive.open(entry)
        except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, struct.error):
            raise ParcelError("decode.archive.broken") from None

    def read(self, size: int = -1, /) -> bytes:
        """Inflate some more. Raises ParcelError when the entry is broken, or longer than it declares."""
        try:
            data = self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
            raise ParcelError("decode.archive.broken") from None
        self._unread -= len(data)
        # More bytes than declared is how a small archive fills a memory: `open_judged` saw the declared sizes only.
        if self._unread < 0:
            raise ParcelError("decode.archive.bomb")
        return data
