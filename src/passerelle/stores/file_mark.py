"""A mark beside the database file: its checksum when Passerelle last closed it, gone as soon as somebody writes.

SQLite verifies the structure of its pages, not what is in them: a bit that flips in a number or a digest is a valid
file. The checksum is against chance (a failing disk, a bad copy), not against people: CRC-32 finds every single flipped
bit and every burst up to 32 bits, and reads 200 MB in a tenth of a second.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from passerelle.stores.disk import translate_disk_errors
from passerelle.vocabulary.safe_files import sync_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = 1 << 20


def drop_mark(path: Path) -> None:
    """Remove the mark of a database file that is about to change."""
    mark = _find_mark(path)
    with translate_disk_errors():
        try:
            mark.unlink()
        except FileNotFoundError:
            return  # by far the most frequent: only the first write after an opening finds one
        sync_folder(path.parent)  # after a power cut an old mark beside a new file would be a false alarm


def write_mark(path: Path) -> None:
    """Write the mark of a database file that nobody writes, whole or not at all."""
    mark = _find_mark(path)
    with translate_disk_errors():
        write_whole(mark, f"{compute_crc(path)}\n")


def read_mark(path: Path) -> str:
    """Return the checksum with which the file was closed; empty when nobody closed it since it was written."""
    with translate_disk_errors():
        try:
            return _find_mark(path).read_text("ascii", "replace").strip()
        except FileNotFoundError:
            return ""


def compute_crc(path: Path) -> str:
    """Return size and CRC-32 of a file."""
    checksum = size = 0
    with translate_disk_errors(), path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            checksum = zlib.crc32(piece, checksum)
            size += len(piece)
    return f"{size}:{checksum:08x}"


def _find_mark(path: Path) -> Path:
    return path.with_name(f"{path.name}-mark")
