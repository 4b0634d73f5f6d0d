"""Verifies an exit pack: whether it is whole, each record is what its contract says, and references lead somewhere."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

from passerelle.stores.disk import translate_disk_errors
from passerelle.switching.exit_pack.manifest import MANIFEST, PackManifest
from passerelle.switching.exit_pack.pack_report import PackReport
from passerelle.switching.exit_pack.packing import as_bytes, compute_identity
from passerelle.switching.exit_pack.record_check import RecordCheck
from passerelle.switching.exit_pack.sealed_file import SealedReader, is_sealed
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from passerelle.switching.exit_pack.manifest import PackFile

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What the reader of zips raises for damage."""
_LARGEST_MANIFEST = 256 << 20
_PIECE = 1 << 20


def verify_pack(
    path: Path, *, passphrase: str = "", progress: Callable[[int, int], None] = lambda _done, _total: None
) -> PackReport:
    """Check a pack against its own manifest. Memory: some thousand records, and a digest for each.

    Raises UsageError `usage.pack.unreadable` for what is no pack, `usage.pack.sealed` for a wrong passphrase.
    """
    with _open_pack(path, passphrase) as archive:
        report = PackReport(_read_manifest(archive))
        there = _check_list(archive, report)
        total = sum(file.size for file in there) * 2
        done = 0
        for file in there:
            _check_bytes(archive, file, report)
            done += file.size
            progress(done, total)
        RecordCheck(archive, report, lambda size: progress(done + size, total)).check()
        progress(total, total)
    return report


@contextmanager
def _open_pack(path: Path, passphrase: str) -> Iterator[zipfile.ZipFile]:
    try:
        stream = path.open("rb")
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
    with stream, translate_disk_errors():
        source: IO[bytes] = stream
        if is_sealed(stream):
            if not passphrase:
                raise UsageError("usage.pack.sealed")
            source = io.BufferedReader(SealedReader.from_passphrase(stream, passphrase))
        try:
            archive = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, ValueError):
            raise UsageError("usage.pack.unreadable") from None
        with archive:
            yield archive


def _read_manifest(archive: zipfile.ZipFile) -> PackManifest:
    try:
        with archive.open(MANIFEST) as stream:
            content = stream.read(_LARGEST_MANIFEST)
        return PackManifest.model_validate_json(content)
    except (KeyError, ValidationError, *BROKEN):
        raise UsageError("usage.pack.unreadable") from None


def _check_list(archive: zipfile.ZipFile, report: PackReport) -> list[PackFile]:
    """Compare the manifest's list with the archive's; return the files that are in both."""
    manifest = report.manifest
    with archive.open(MANIFEST) as stream:
        content = stream.read(_LARGEST_MANIFEST)
    # Byte for byte: members that a reader would leave out were not in the manifest that was made.
    if content != as_bytes(manifest) or manifest.export_id != compute_identity(manifest):
        report.add("validate.pack.identity", MANIFEST)
    there, known = Counter(archive.namelist()), {MANIFEST, *(file.path for file in manifest.files)}
    for name in sorted(there):
        if there[name] > 1 or name not in known:
            report.add("validate.pack.stranger", name)
    for file in manifest.files:
        if file.path not in there:
            report.add("validate.pack.absent", file.path)
    return [file for file in manifest.files if file.path in there]


def _check_bytes(archive: zipfile.ZipFile, file: PackFile, report: PackReport) -> None:
    """Compare the digest. No more is read than the manifest announces: what is longer is wrong anyway."""
    # One byte more than announced: so a longer file betrays itself.
    digest, left = hashlib.sha256(), file.size + 1
    try:
        with archive.open(file.path) as stream:
            while left > 0 and (piece := stream.read(min(_PIECE, left))):
                digest.update(piece)
                left -= len(piece)
    except BROKEN:
        left = 0
    if left != 1 or digest.hexdigest() != file.sha256:
        report.add("validate.pack.altered", file.path)
