"""Examines an unpacked state with the keys that open it: structure, trail, deposits, envelopes, and what is lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import ALONE, DEPOT, JOURNAL, WHOLES
from passerelle.stores.database_copy import copy_database, count_rows, sum_books
from passerelle.stores.depot import Depot
from passerelle.stores.disk import translate_disk_errors
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.parcels import FINAL
from passerelle.vocabulary.errors import FatalError, ParcelError
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.backup.backup_manifest import BackupManifest
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.stores.journal import Journal

_PIECE = 1 << 20
TOLD = ("run", "parcel", "batch", "statement", "audit")
"""Tables whose rows written since the backup are told: runs, files, batches, answers of persons, acts."""


@dataclass(frozen=True, slots=True)
class KeySources:
    """Files from which key and keyring are taken: those that are there already, or copies of them."""

    key: Path
    keyring: Path | None
    """None for a journal of an earlier version, which has none yet."""


@dataclass(frozen=True, slots=True)
class StateExamination:
    """What opens of a state that was unpacked, in numbers."""

    deposits: int
    """Received files and lists that open from their first byte to their last."""
    closed: int
    """Received files and sealed values whose key was destroyed: erased since, and they stay so."""
    broken: int
    """Received files that do not open though their key is there."""
    missing: int
    """Parcels that are not finished and whose bytes are not there."""
    entries: int
    """Entries of the audit trail, which holds."""

    @property
    def is_whole(self) -> bool:
        """Whether a run can work on all of it."""
        return not self.broken and not self.missing


def examine_state(settings: Settings, state: Path, manifest: BackupManifest, keys: KeySources) -> StateExamination:
    """Open an unpacked state as a run would, with copies of the keys, and count what opens.

    State and keys are left as they are; an older journal is migrated in a copy. Raises FatalError `incident.key.*`,
    `incident.keyring.*`, `incident.journal.*`, `incident.audit.*`, `incident.backup.books`.
    """
    journal = state / JOURNAL
    if sum_books(journal) != manifest.books or count_rows(journal) != manifest.rows:
        raise FatalError("incident.backup.books")
    with TemporaryDirectory(prefix="passerelle-") as folder:
        # Copies all: opening a journal may migrate it, and marks it as the keyring's own.
        copy, key, keyring = Path(folder) / "etat", Path(folder) / "cle", Path(folder) / "trousseau"
        for private in (copy, keyring):
            private.mkdir(mode=0o700)
        copy_file(journal, copy / JOURNAL)
        copy_file(keys.key, key)
        if keys.keyring == settings.keyring_folder / KEYRING:
            copy_database(keys.keyring, keyring / KEYRING, lambda: None)
        elif keys.keyring is not None:  # a copy, at rest: nothing is written beside it
            copy_file(keys.keyring, keyring / KEYRING)
        copied = replace(settings, state=copy, key_file=key, keyring=keyring, shared=ALONE, audit_anchor=None)
        with open_workspace(copied) as workspace:
            depots = (Depot(state / name, workspace.seal) for name in (DEPOT, WHOLES))
            return _count(workspace.journal, *depots)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file into a new one that its owner alone may read. Raises FatalError `incident.disk.*`."""
    with translate_disk_errors(), source.open("rb") as stream, open_new(target) as copy:
        shutil.copyfileobj(stream, copy, _PIECE)


def _count(journal: Journal, depot: Depot, wholes: Depot) -> StateExamination:
    journal.check_health(thoroughly=True)
    entries = journal.verify_audit()
    codes = [_try_deposit(each, digest) for each in (depot, wholes) for digest in each.list_digests()]
    opened, closed = codes.count(""), codes.count("incident.deposit.missing")
    unfinished = {row.digest for row in journal.list_parcels() if row.state not in FINAL}
    missing = sum(not depot.has(digest) for digest in unfinished)
    return StateExamination(opened, closed + journal.count_closed(), len(codes) - opened - closed, missing, entries)


def _try_deposit(depot: Depot, digest: str) -> str:
    """Read a deposit to its end; return why it does not open, empty when it does."""
    try:
        with depot.open(digest) as stream:
            while stream.read(_PIECE):
                pass
    except ParcelError as error:
        return error.code
    return ""


def count_losses(settings: Settings, manifest: BackupManifest) -> Mapping[str, int]:
    """Return how many rows of each table that is told the present journal has more; empty where none is there."""
    if not (settings.state / JOURNAL).is_file():
        return {}
    with TemporaryDirectory(prefix="passerelle-") as folder:
        copy = Path(folder) / JOURNAL
        copy_database(settings.state / JOURNAL, copy, lambda: None)
        now = count_rows(copy)
    return {name: max(0, now.get(name, 0) - manifest.rows.get(name, 0)) for name in TOLD}
