"""Writes a backup: journal, depot, lists and settings as they are at one moment, in one file, while runs go on.

The keys are not in it: a copy of the state opens nothing by itself, and what is destroyed in the keyring stays closed
in every backup. Of the keyring the latest copy alone is worth keeping, so that it replaces the one before it.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import IO, TYPE_CHECKING

from passerelle.engine.backup.backup_manifest import MANIFEST, SETTINGS, STATE, BackupManifest
from passerelle.engine.backup.shared_backup import gather_shared
from passerelle.engine.log import log
from passerelle.engine.settings.query_sources import SqlSourceSettings, find_query_file
from passerelle.engine.workspace.assembly import refuse_lost_journal
from passerelle.engine.workspace.journal_place import DEPOT, JOURNAL, WHOLES, refuse_shared
from passerelle.extension.toml_extending import list_bases
from passerelle.extension.toml_files import find_descriptions, list_code_tables
from passerelle.stores.database_copy import copy_database, count_rows, read_revision, sum_books
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.stores.filelock import FileLock
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.keyring import has_keyring
from passerelle.vocabulary.errors import FatalError, SettingsError, TransientError, UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.safe_files import open_new, replace_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.vocabulary.ports import Clock

STAGE = "sauvegarde.part"
"""Folder in the state where a backup gathers its files; a killed one leaves it, and the next clears it away."""
_LOCK = "sauvegarde-verrou"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class WrittenBackup:
    """A backup that is there, whole."""

    file: Path
    manifest: BackupManifest
    size: int
    keyring: Path | None
    """Where the copy of the keyring was written; None when it was not asked for."""
    outside: tuple[Path, ...] = ()
    """Files that the settings name elsewhere than below their own folder: they are not in the backup."""


def write_backup(settings: Settings, target: Path, *, clock: Clock, keyring: Path | None = None) -> WrittenBackup:
    """Write a backup into a folder, under the name of its moment, or into a file that is not there yet.

    With `keyring`, a copy of the keyring takes the place of the copy of that name. No key is needed, and nothing is
    migrated: a journal of an earlier version is copied as it is. Raises UsageError, TransientError
    `incident.backup.busy` while another one is being made, FatalError `incident.disk.*`, `incident.database.*`.
    """
    now = clock.now()
    file = target / f"passerelle-{now.astimezone():%Y-%m-%d-%H%M%S}.tar" if target.is_dir() else target
    _refuse_places(settings, file, keyring)
    with _open_stage(settings.state) as stage:
        if settings.shared.journal:
            gather_shared(settings, stage, None if keyring is None else stage / KEYRING)
        else:
            _gather_own(settings, stage)
        if keyring is not None:
            # After the journal: keys are made before anything names them. And placed before the backup that needs it.
            _place_keyring(settings, stage / KEYRING, keyring)
        hit_failpoint("backup.keyring")
        with translate_disk_errors(), replace_whole(file) as stream:
            manifest = _write_archive(stream, settings, stage, now)
            hit_failpoint("backup.written")
    size = file.stat().st_size
    log("backup_made", size=size, count=len(manifest.digests))
    return WrittenBackup(file, manifest, size, keyring, _find_settings(settings)[1])


def _gather_own(settings: Settings, stage: Path) -> None:
    # Whatever the journal names is linked at its moment; later a run may destroy it.
    copy_database(settings.state / JOURNAL, stage / JOURNAL, partial(_hold_files, settings.state, stage))
    hit_failpoint("backup.gathered")


def _refuse_places(settings: Settings, file: Path, keyring: Path | None) -> None:
    """Raise UsageError where there is nothing to save, or where the copies would lie beside what they are copies of."""
    refuse_shared(settings)
    refuse_lost_journal(settings)
    if not settings.shared.journal and not (settings.state / JOURNAL).is_file():
        raise UsageError("usage.backup.nothing")
    if file.exists():
        raise UsageError("usage.file.exists", file=file.name)
    for path in filter(None, (file, keyring)):
        if not path.parent.is_dir():
            raise UsageError("usage.backup.folder", file=path.parent.name)
        if any(path.resolve().is_relative_to(own.resolve()) for own in (settings.state, settings.keyring_folder)):
            raise UsageError("usage.backup.inside", file=path.name)
    if keyring is not None:
        if keyring.parent.resolve() == file.parent.resolve():
            raise UsageError("usage.backup.together")
        if not settings.shared.keyring and not has_keyring(settings.keyring_folder):
            raise FatalError("incident.keyring.missing")


@contextmanager
def _open_stage(state: Path) -> Iterator[Path]:
    """Yield an empty private folder in the state, where files can be linked instead of copied; gone afterwards."""
    lock, stage = FileLock(state / _LOCK), state / STAGE
    with translate_disk_errors():
        acquired = lock.acquire()
    if not acquired:
        raise TransientError("incident.backup.busy")
    try:
        with translate_disk_errors():
            shutil.rmtree(stage, ignore_errors=True)
            make_private_folder(stage)
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        lock.release()


def _hold_files(state: Path, stage: Path) -> None:
    """Link the files of depot and lists under a second name, which lasts when a run removes the first one."""
    with translate_disk_errors():
        for name in (DEPOT, WHOLES):
            (stage / name).mkdir(mode=0o700)
            # drafts of what is just being received have no digest for a name yet, and nothing names them
            for path in sorted((state / name).glob("[0-9a-f]*")) if (state / name).is_dir() else ():
                if not path.suffix:
                    _hold_file(path, stage / name / path.name)


def _hold_file(path: Path, link: Path) -> None:
    try:
        os.link(path, link)
    except FileNotFoundError:
        return  # removed this very moment: nothing that is needed
    except OSError:  # a file system without links
        with path.open("rb") as source, open_new(link) as target:
            shutil.copyfileobj(source, target, _PIECE)


def _place_keyring(settings: Settings, draft: Path, target: Path) -> None:
    if not settings.shared.journal:
        copy_database(settings.keyring_folder / KEYRING, draft, lambda: None)
    with translate_disk_errors(), replace_whole(target) as stream, draft.open("rb") as source:
        shutil.copyfileobj(source, stream, _PIECE)
    draft.unlink()


def _write_archive(stream: IO[bytes], settings: Settings, stage: Path, now: datetime) -> BackupManifest:
    """Write settings, then state, then the manifest."""
    digests: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in _find_settings(settings)[0]:
            name = path.relative_to(settings.path.parent.resolve()).as_posix()
            digests[f"{SETTINGS}/{name}"] = _add_file(archive, f"{SETTINGS}/{name}", path, now)
        for path in sorted(stage.rglob("*")):
            if path.is_file():
                name = f"{STATE}/{path.relative_to(stage).as_posix()}"
                digests[name] = _add_file(archive, name, path, now)
        journal = stage / JOURNAL
        manifest = BackupManifest(
            now,
            version("passerelle-social"),
            read_revision(journal),
            settings.path.name,
            count_rows(journal),
            sum_books(journal),
            digests,
        )
        content = manifest.to_json().encode()
        archive.addfile(_make_entry(MANIFEST, len(content), now), io.BytesIO(content))
    return manifest


def _find_settings(settings: Settings) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return the settings file with what it names below its folder, and what it names elsewhere.

    Descriptions of suppliers with their code tables, schemas, queries; no secret is in them.
    """
    root = settings.path.parent.resolve()
    named: list[Path] = []
    for description in _list_descriptions(settings):
        named += [description, *list_bases(description), *list_code_tables(description)]
    for flow in settings.flows.values():
        query = find_query_file(flow.source.query) if isinstance(flow.source, SqlSourceSettings) else None
        named += filter(None, (flow.schema_file, query))
    found = dict.fromkeys(path.resolve() for path in named if path.is_file())
    inside = tuple(path for path in found if path.is_relative_to(root))
    return (root / settings.path.name, *inside), tuple(path for path in found if not path.is_relative_to(root))


def _list_descriptions(settings: Settings) -> Iterator[Path]:
    """Yield the descriptions that are there: a pattern in vain is for `doctor` to say, and stops no backup."""
    for pattern in settings.suppliers:
        with suppress(SettingsError):
            yield from find_descriptions(settings.path.parent, [pattern])
    if settings.installation is not None:
        for pattern in settings.installation.shared.suppliers:
            with suppress(SettingsError):
                yield from find_descriptions(settings.installation.path.parent, [pattern])


class _DigestingReader(io.RawIOBase):
    """Reads a file, and digests what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        return piece


def _add_file(archive: tarfile.TarFile, name: str, path: Path, now: datetime) -> str:
    """Add a file to an archive and return the digest of what went in, in hexadecimal."""
    with path.open("rb") as source:
        reader = _DigestingReader(source)
        archive.addfile(_make_entry(name, os.fstat(source.fileno()).st_size, now), reader)
    return reader.digest.hexdigest()


def _make_entry(name: str, size: int, now: datetime) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(now.timestamp())
    return entry
