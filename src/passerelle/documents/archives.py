"""Judges zip archives by their directory, before anything in them is opened. Names in them are data, never paths."""

from __future__ import annotations

import stat
import struct
import zipfile
from typing import IO, TYPE_CHECKING

from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

_RATIO = 100
_RATIO_FROM = 1 << 20
"""Declared bytes from which the ratio counts: short texts of one letter compress better than that."""
_MAX_DIRECTORY = 4 << 20
_TAIL = 65_557
"""Where the end-of-directory record must begin: its 22 bytes and the longest comment."""
_NESTED = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".jar")
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Most entries of an archive, and most bytes of all of them once inflated."""

    entries: int
    total: int


CSV_LIMITS = ArchiveLimits(1000, 2 << 30)
DOCUMENT_LIMITS = ArchiveLimits(10, 256 << 20)
"""A zip of one document, which is inflated into memory."""
WORKBOOK_LIMITS = ArchiveLimits(1000, 200 << 20)


def open_judged(
    stream: IO[bytes], limits: ArchiveLimits, opener: Callable[[IO[bytes]], zipfile.ZipFile] | None = None
) -> zipfile.ZipFile:
    """Open a zip after judging its directory. Raises ParcelError when anything about it is not plain.

    `opener`: what opens entries with a password as well, which are then no fault.
    """
    _judge_directory(stream, limits)
    stream.seek(0)
    try:
        archive = (opener or zipfile.ZipFile)(stream)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, struct.error):
        raise ParcelError("decode.archive.broken") from None
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise ParcelError("decode.archive.too_many_entries", limit=str(limits.entries))
    if not entries:
        raise ParcelError("decode.archive.empty")
    for entry in entries:
        _judge_entry(entry, may_be_encrypted=opener is not None)
    if sum(entry.file_size for entry in entries) > limits.total:
        raise ParcelError("decode.archive.too_big", limit=str(limits.total))
    _judge_places(entries, archive.start_dir)
    return archive


def _judge_directory(stream: IO[bytes], limits: ArchiveLimits) -> None:
    """Read the end-of-directory record ourselves: `zipfile` would build a list of millions of entries first."""
    size = stream.seek(0, 2)
    stream.seek(max(size - _TAIL, 0))
    tail = stream.read(_TAIL)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise ParcelError("decode.archive.broken")
    entries, directory = struct.unpack_from("<HL", tail, place + 10)
    if entries > limits.entries:
        raise ParcelError("decode.archive.too_many_entries", limit=str(limits.entries))
    if directory > _MAX_DIRECTORY:
        raise ParcelError("decode.archive.broken")


def _judge_entry(entry: zipfile.ZipInfo, *, may_be_encrypted: bool) -> None:
    if not may_be_encrypted and entry.flag_bits & _ENCRYPTED:
        raise ParcelError("decode.parcel.encrypted")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    # 0: archives written on systems without Unix rights.
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ParcelError("decode.archive.link")
    # The name as written in the archive: `filename` has lost what follows a NUL and the host's separators.
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    if "\0" in name or name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise ParcelError("decode.archive.name")
    if entry.filename.lower().endswith(_NESTED):
        raise ParcelError("decode.archive.nested")
    if entry.file_size > _RATIO_FROM and entry.file_size > _RATIO * max(entry.compress_size, 1):
        raise ParcelError("decode.archive.bomb")


def _judge_places(entries: list[zipfile.ZipInfo], directory: int) -> None:
    # Two entries of one name: readers differ on which of them counts.
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise ParcelError("decode.archive.overlap")
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    following = [*(entry.header_offset for entry in ordered[1:]), directory]
    for entry, end in zip(ordered, following, strict=True):
        name = len(entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437", "replace"))
        # Overlapping entries inflate the same bytes many times (D. Fifield, «A better zip bomb», 2019).
        if entry.header_offset + _LOCAL_HEADER + name + entry.compress_size > end:
            raise ParcelError("decode.archive.overlap")
