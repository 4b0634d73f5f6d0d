"""Puts a backup back where no state is, or rehearses that in a folder that is thrown away.

The state is complete in a folder of its own before any of it takes its place, and the journal takes its place last:
until then nothing runs on it, and the same command begins again.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from passerelle.engine.backup.backup_check import KeySources, copy_file, count_losses, examine_state
from passerelle.engine.backup.backup_manifest import SETTINGS, STATE
from passerelle.engine.backup.backup_reading import extract_backup, verify_backup
from passerelle.engine.backup.shared_backup import open_backup, place_shared
from passerelle.engine.clock import SystemClock
from passerelle.engine.log import log
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import DEPOT, JOURNAL, WHOLES, refuse_shared
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.keyring import has_keyring
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.safe_files import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.engine.backup.backup_check import StateExamination
    from passerelle.engine.backup.backup_manifest import BackupManifest
    from passerelle.engine.settings.workspace_settings import Settings

STAGE = "restauration.part"
"""Folder in the state where a backup is unpacked: as long as it is there, what lies beside it is not finished."""
SHARED_STAGE = "restauration-partagee.part"
"""The same for one organisation of a shared journal, whose received files may lie beside it."""
_MARK = f"{JOURNAL}-mark"


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Copies of key and keyring, for a machine that has none; what is there already is taken first."""

    key: Path | None = None
    keyring: Path | None = None


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a backup holds and what opens of it."""

    manifest: BackupManifest
    examination: StateExamination
    losses: Mapping[str, int] = field(default_factory=dict)
    """By table of the journal, rows that are there now and not in the backup; empty where no journal is there."""
    made: tuple[str, ...] = ()
    """Names of what was put in place; nothing in a rehearsal."""
    unknown: int = 0
    """Received files that lie where the depot is and that the journal of the backup does not know: they came later."""


def rehearse_restore(path: Path, file: Path, given: GivenKeys) -> RestoreReport:
    """Unpack a backup into a temporary folder and open it with the keys; leave nothing, change nothing.

    `path` is the settings file; where there is none, those of the backup are read. Raises FatalError for what would
    keep a restored state from working, UsageError for a file that cannot be read.
    """
    with TemporaryDirectory(prefix="passerelle-") as name:
        folder = Path(name)
        manifest = extract_backup(file, folder)
        there = path if path.exists() else folder / SETTINGS / manifest.settings
        settings = load_settings(there)
        if settings.shared.journal:
            with open_backup(settings, folder / STATE, given.key, given.keyring) as opened:
                return RestoreReport(manifest, examine_state(settings, folder / STATE, manifest, opened.keys))
        keys = _find_keys(settings, given, manifest)
        examination = examine_state(settings, folder / STATE, manifest, keys)
        losses = count_losses(settings, manifest) if path.exists() else {}
    return RestoreReport(manifest, examination, losses)


def restore_backup(path: Path, file: Path, given: GivenKeys, *, who: str) -> RestoreReport:
    """Put a backup back: settings, key, keyring where there are none, then the state; the act goes into the trail.

    Nothing that is there is replaced. Killed at any moment, the same command ends it. Raises UsageError
    `usage.state.there`, and what `rehearse_restore` raises, before anything is in its place.
    """
    manifest = verify_backup(file)
    made = [] if path.exists() else _place_settings(path, file, manifest)
    settings = load_settings(path)
    refuse_shared(settings)
    if settings.shared.journal:
        return _restore_shared(settings, file, given, manifest, made, who)
    _refuse_state(settings.state)
    keys = _find_keys(settings, given, manifest)
    with _open_stage(settings.state) as stage:
        extract_backup(file, stage, f"{STATE}/")
        hit_failpoint("restore.extracted")
        examination = examine_state(settings, stage / STATE, manifest, keys)
        made += _place_keys(settings, keys)
        hit_failpoint("restore.keys")
        staged = replace(settings, state=stage / STATE, keyring=settings.keyring_folder)
        with open_workspace(staged) as workspace:
            moment = workspace.clock.now()
            workspace.journal.append_audit("state.restore", "", manifest.made_at.isoformat(), moment, who)
        _place_state(stage / STATE, settings.state)
    log("state_restored", count=len(manifest.digests))
    return RestoreReport(manifest, examination, made=(*made, settings.state.name))


def _restore_shared(
    settings: Settings, file: Path, given: GivenKeys, manifest: BackupManifest, made: list[str], who: str
) -> RestoreReport:
    """Put the backup of one organisation into a shared journal, beside the others."""
    with _open_shared_stage(settings.state) as stage:
        extract_backup(file, stage, f"{STATE}/")
        hit_failpoint("restore.extracted")
        with open_backup(settings, stage / STATE, given.key, given.keyring) as opened:
            examination = examine_state(settings, stage / STATE, manifest, opened.keys)
            if not settings.key_file.exists() and given.key is not None:
                make_private_folder(settings.key_file.parent)
                copy_whole(given.key, settings.key_file)
                made.append(settings.key_file.name)
            act = AuditEntry(0, SystemClock().now(), "state.restore", "", manifest.made_at.isoformat(), who)
            place_shared(settings, stage / STATE, opened, act)
    with open_workspace(settings) as workspace:
        unknown = len(workspace.journal.find_unregistered(workspace.depot.list_digests()))
    log("state_restored", count=len(manifest.digests))
    return RestoreReport(manifest, examination, made=(*made, settings.shared.organisation), unknown=unknown)


def _refuse_state(state: Path) -> None:
    """Raise UsageError where a state is: only the key, or what a killed restore left, may be there."""
    if (state / JOURNAL).exists():
        shutil.rmtree(state / STAGE, ignore_errors=True)  # killed when all was in its place
        raise UsageError("usage.state.there", file=state.name)
    is_begun = (state / STAGE).is_dir()
    if not is_begun and any((state / name).is_dir() and any((state / name).iterdir()) for name in (DEPOT, WHOLES)):
        raise UsageError("usage.state.there", file=state.name)


def _place_settings(path: Path, file: Path, manifest: BackupManifest) -> list[str]:
    """Write the settings of the backup and what they name; a file that is there already stays."""
    with translate_disk_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="passerelle-") as name:
        extract_backup(file, Path(name), f"{SETTINGS}/")
        root = Path(name) / SETTINGS
        own = root / manifest.settings
        for source in sorted(root.rglob("*")):
            target = path.parent / source.relative_to(root)
            if source.is_file() and source != own and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                copy_file(source, target)
        hit_failpoint("restore.settings")
        # last: as long as it is not there, the same command writes the others as well
        copy_whole(own, path)
    return [path.name]


def _find_keys(settings: Settings, given: GivenKeys, manifest: BackupManifest) -> KeySources:
    """Return the key and keyring that are there, else the copies. Raises FatalError when there is neither.

    What is there comes first: the keyring of today keeps closed what was erased since the copy.
    """
    has_own = has_keyring(settings.keyring_folder)
    key = settings.key_file if settings.key_file.exists() else given.key
    keyring = settings.keyring_folder / KEYRING if has_own else given.keyring
    if key is None:
        raise FatalError("incident.key.missing", file=settings.key_file.name)
    if keyring is None and manifest.rows.get("keyring_mark"):
        raise FatalError("incident.keyring.missing")
    for path in filter(None, (key, keyring)):
        if not path.is_file():
            raise UsageError("usage.file.unreadable", file=path.name)
    return KeySources(key, keyring)


def _place_keys(settings: Settings, keys: KeySources) -> list[str]:
    """Copy key and keyring to where the settings have them, unless they are there."""
    made = []
    for source, target in ((keys.key, settings.key_file), (keys.keyring, settings.keyring_folder / KEYRING)):
        if source is not None and source != target:
            with translate_disk_errors():
                make_private_folder(target.parent)
            copy_whole(source, target)
            made.append(target.name)
    return made


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file that takes its name once it is whole; nothing has the name yet. Raises FatalError."""
    draft = target.with_name(f".{target.name}.part")
    with translate_disk_errors():
        draft.unlink(missing_ok=True)
    copy_file(source, draft)
    with translate_disk_errors():
        draft.replace(target)
        sync_folder(target.parent)


@contextmanager
def _open_stage(state: Path) -> Iterator[Path]:
    """Yield a private folder in the state; an earlier restore that was killed is cleared away first.

    What stops half-way leaves it behind only once files have left it: what lies beside is then not taken for a state.
    """
    stage = state / STAGE
    with translate_disk_errors():
        if stage.is_dir():
            for name in (DEPOT, WHOLES, STAGE):
                shutil.rmtree(state / name, ignore_errors=True)
        make_private_folder(state)
        make_private_folder(stage)
    try:
        yield stage
    except BaseException:
        if not (state / DEPOT).exists():
            shutil.rmtree(stage, ignore_errors=True)
        raise
    shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _open_shared_stage(state: Path) -> Iterator[Path]:
    """Yield a private folder, gone afterwards; what lies beside it belongs to the living state, whatever was killed."""
    stage = state / SHARED_STAGE
    with translate_disk_errors():
        shutil.rmtree(stage, ignore_errors=True)
        make_private_folder(state)
        make_private_folder(stage)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _place_state(unpacked: Path, state: Path) -> None:
    """Move depot and lists into their place, then the journal: without it nothing runs."""
    with translate_disk_errors():
        for name in (DEPOT, WHOLES):
            (unpacked / name).mkdir(mode=0o700, exist_ok=True)
            if (state / name).is_dir():
                (state / name).rmdir()  # empty, or it would have been a state
            (unpacked / name).rename(state / name)
            hit_failpoint("restore.placed")
        for name in (_MARK, JOURNAL):
            if (unpacked / name).is_file():
                (unpacked / name).replace(state / name)
        sync_folder(state)
    hit_failpoint("restore.journal")
