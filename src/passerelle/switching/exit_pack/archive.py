"""A zip whose bytes depend on its contents alone: fixed dates, fixed rights, and a digest noted for each file."""

from __future__ import annotations

import hashlib
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANY_DAY = (1980, 1, 1, 0, 0, 0)
"""The first day that a zip can hold: a real one would make the bytes differ from one pack to the next."""
_UNIX = 3
_PRIVATE = 0o100600 << 16
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One file of the archive, as its manifest lists it."""

    path: str
    size: int
    sha256: str
    entity: str = ""
    """Contract whose records it holds; empty for any other file."""
    count: int = 0
    """Records in it, for such a file."""


@dataclass(slots=True)
class CountedFile:
    """A file being written: bytes are counted and digested on their way."""

    stream: IO[bytes]
    size: int = 0
    count: int = 0
    """Records: whoever writes them counts them here."""
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, piece: bytes) -> None:
        """Write a piece."""
        self.stream.write(piece)
        self.size += len(piece)
        self.digest.update(piece)


class Archive:
    """Writes files one after the other and remembers their entries."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=_LEVEL)
        self.entries: list[ArchiveEntry] = []

    @contextmanager
    def open_file(self, path: str, *, entity: str = "") -> Iterator[CountedFile]:
        """Open the next file. It is listed once it is whole."""
        about = zipfile.ZipInfo(path, _ANY_DAY)
        about.compress_type = zipfile.ZIP_DEFLATED
        # The system that writes would be noted otherwise: a pack made on Windows would have other bytes.
        about.create_system, about.external_attr = _UNIX, _PRIVATE
        with self._zip.open(about, "w", force_zip64=True) as stream:
            counted = CountedFile(stream)
            yield counted
        self.entries.append(ArchiveEntry(path, counted.size, counted.digest.hexdigest(), entity, counted.count))

    def put(self, path: str, content: bytes) -> None:
        """Write a small file at once."""
        with self.open_file(path) as target:
            target.write(content)

    def close(self) -> None:
        """Write the table of contents."""
        self._zip.close()
