"""Reads a backup: verifies every digest in it, and lays its files out in a folder."""

from __future__ import annotations

import hashlib
import tarfile
from contextlib import contextmanager, nullcontext
from typing import IO, TYPE_CHECKING

from passerelle.engine.backup.backup_manifest import MANIFEST, BackupManifest, is_expected, read_manifest
from passerelle.stores.disk import translate_disk_errors
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_PIECE = 1 << 20
_LARGEST_MANIFEST = 256 << 20
"""Bytes: a line of a hundred for each deposit, of which there are never millions."""


def verify_backup(file: Path) -> BackupManifest:
    """Read a backup from its first byte to its last, and return its manifest. Writes nothing.

    Raises UsageError `usage.file.unreadable`, FatalError `incident.backup.broken` when it was cut off or changed,
    `incident.backup.newer`.
    """
    return _read_archive(file, lambda _name: nullcontext())


def extract_backup(file: Path, folder: Path, beginning: str = "") -> BackupManifest:
    """Write the files whose names begin so below a private folder, and verify all. Raises as `verify_backup` does.

    What was written before a defect was met stays: the caller throws the folder away.
    """

    def open_target(name: str) -> AbstractContextManager[IO[bytes] | None]:
        if not name.startswith(beginning):
            return nullcontext()
        target = folder / name
        with translate_disk_errors():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return open_new(target)

    return _read_archive(file, open_target)


def _read_archive(file: Path, open_target: Callable[[str], AbstractContextManager[IO[bytes] | None]]) -> BackupManifest:
    digests: dict[str, str] = {}
    manifest = None
    with _translate_errors(file), file.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
        for entry in archive:
            content = archive.extractfile(entry) if entry.isreg() else None
            if content is None or manifest is not None or entry.name in digests:
                raise FatalError("incident.backup.broken", file=file.name)
            if entry.name == MANIFEST:
                if entry.size > _LARGEST_MANIFEST:
                    raise FatalError("incident.backup.broken", file=file.name)
                manifest = read_manifest(content.read(), file.name)
                continue
            if not is_expected(entry.name):
                raise FatalError("incident.backup.broken", file=file.name)
            with open_target(entry.name) as target:
                digests[entry.name] = _copy(content, target)
    if manifest is None or digests != manifest.digests:
        raise FatalError("incident.backup.broken", file=file.name)
    return manifest


def _copy(source: IO[bytes], target: IO[bytes] | None) -> str:
    """Copy what a stream holds, anywhere or nowhere, and return its digest."""
    digest = hashlib.sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        if target is not None:
            with translate_disk_errors():
                target.write(piece)
    return digest.hexdigest()


@contextmanager
def _translate_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, UnicodeError):
        raise FatalError("incident.backup.broken", file=file.name) from None
    except OSError:
        # no chained exception: its text holds the whole path
        raise UsageError("usage.file.unreadable", file=file.name) from None
