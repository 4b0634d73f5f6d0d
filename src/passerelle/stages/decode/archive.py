"""Archives: which of their entries are members of a parcel. They are judged before anything is opened."""

from __future__ import annotations

import struct
import zipfile
import zlib
from fnmatch import fnmatchcase
from functools import partial
from typing import IO, TYPE_CHECKING

from passerelle.documents.archives import open_judged
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from passerelle.documents.archives import ArchiveLimits
    from passerelle.stages.decode.text import Bytes


def open_members(
    stream: IO[bytes], patterns: Mapping[str, str], limits: ArchiveLimits
) -> tuple[dict[str, Callable[[], Bytes]], tuple[RowWarning, ...]]:
    """Find the entries that patterns name, as openers by member name in the order of the patterns.

    Raises ParcelError when none is there, or two for one member. What is missing or unexpected comes as warnings.
    """
    stream.seek(0)
    if stream.read(4)[:2] != b"PK":
        raise ParcelError("decode.parcel.not_declared", declared="ZIP")
    archive = open_judged(stream, limits)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    openers: dict[str, Callable[[], Bytes]] = {}
    for pattern, member in patterns.items():
        matching = [
            entry
            for entry in entries
            # Windows archivers write backslashes, and file systems there do not tell capitals apart.
            if fnmatchcase(entry.filename.replace("\\", "/").rpartition("/")[2].casefold(), pattern.casefold())
        ]
        if len(matching) > 1 or (matching and member in openers):
            raise ParcelError("decode.member.ambiguous", expected=pattern)
        if matching:
            entries.remove(matching[0])
            openers[member] = partial(_Entry, archive, matching[0])
    if not openers:
        raise ParcelError("decode.member.none")
    missing = [(pattern, member) for pattern, member in patterns.items() if member not in openers]
    order = archive.infolist()
    return openers, list_notes(missing, [order.index(entry) + 1 for entry in entries])


def list_notes(missing: Iterable[tuple[str, str]], unexpected: Iterable[int]) -> tuple[RowWarning, ...]:
    """Warn of members that are not there (our name for them, member) and of entries nobody asked for (position)."""
    return (
        *(RowWarning("decode.member.missing", Place(1, member=member), {"expected": name}) for name, member in missing),
        *(RowWarning("decode.member.unexpected", Place(1), {"position": str(position)}) for position in unexpected),
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
