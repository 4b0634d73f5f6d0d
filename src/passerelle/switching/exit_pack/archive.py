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
"""The first that a zip can say: a real one would make each making differ."""
_UNIX = 3
_PRIVATE = 0o100600 << 16
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive, as its manifest lists it."""

    path: str
    size: int
    sha256: str
    entity: str = ""
    """Contract whose records it holds; empty for any other file."""
    count: int = 0
    """Records in it, for such a file."""


@dataclass(slots=True)
class Counted:
    """A file being written: bytes are counted and digested on their way."""

    stream: IO[bytes]
    size: int = 0
    count: int = 0
    """Records, as whoever writes them says."""
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, piece: bytes) -> None:
        """Write a piece."""
        self.stream.write(piece)
        self.size += len(piece)
        self.digest.update(piece)


class Archive:
    """Writes files one after the other and remembers what each is."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=_LEVEL)
        self.entries: list[Entry] = []

    @contextmanager
    def file(self, path: str, *, entity: str = "") -> Iterator[Counted]:
        """Open the next file. It is listed once it is whole."""
        about = zipfile.ZipInfo(path, _ANY_DAY)
        about.compress_type = zipfile.ZIP_DEFLATED
        about.create_system, about.external_attr = _UNIX, _PRIVATE
        with self._zip.open(about, "w", force_zip64=True) as stream:
            counted = Counted(stream)
            yield counted
        self.entries.append(Entry(path, counted.size, counted.digest.hexdigest(), entity, counted.count))

    def put(self, path: str, content: bytes) -> None:
        """Write a small file at once."""
        with self.file(path) as target:
            target.write(content)

    def close(self) -> None:
        """Write the table of contents."""
        self._zip.close()
