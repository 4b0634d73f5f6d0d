"""The part of one organisation of a shared journal, as the files of a backup: rows, received files, its wrapped key.

The rows are carried into a file of their own, out of one snapshot of the server, so that a backup looks like that of an
organisation alone, is examined in the same way, and goes back without touching anybody else's rows.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from passerelle.engine.backup.backup_check import KeySources, copy_file
from passerelle.engine.clock import SystemClock
from passerelle.engine.workspace.journal_place import (
    DEPOT,
    JOURNAL,
    WHOLES,
    find_keyring_address,
    open_journal,
    open_place,
)
from passerelle.engine.workspace.key_places import open_seal
from passerelle.stores import organisations
from passerelle.stores.database import open_database, open_writer
from passerelle.stores.database_copy import copy_database
from passerelle.stores.deposit_place import DepositFolder
from passerelle.stores.depot import is_deposit
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.stores.integrity import close_database
from passerelle.stores.journal_transfer import carry_journal
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.keyring import Keyring, has_keyring
from passerelle.stores.seal import Seal
from passerelle.stores.server_keyring import copy_to_server, open_server_keyring
from passerelle.stores.trail import append_entry
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import open_new, write_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.stores.deposit_place import DepositPlace
    from passerelle.stores.organisations import WrappedKey
    from passerelle.stores.trail import AuditEntry

WRAPPED = "cle-structure.json"
"""The key of the organisation in a backup, wrapped by the key of the installation, which is not in it."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenedBackup:
    """A backup of an organisation whose key was opened: the seal, and files of key and keyring to examine it with."""

    master: bytes = field(repr=False)
    seal: Seal
    keys: KeySources
    has_keyring: bool
    """Whether the keyring is in its place already."""


def gather_shared(settings: Settings, stage: Path, keyring: Path | None) -> None:
    """Carry the rows of an organisation, its received files and its wrapped key into a folder.

    `keyring` is a new file for a copy of the keyring. Raises UsageError `usage.backup.nothing`, FatalError,
    TransientError `incident.depot.away`.
    """
    engine, organisation = open_journal(settings), settings.shared.organisation
    try:
        wrapped = organisations.read_wrapped(engine, organisation)
        if wrapped is None:
            raise UsageError("usage.backup.nothing")
        target = open_database(stage / JOURNAL)
        try:
            carry_journal(engine, target)
        finally:
            close_database(target)
        hit_failpoint("backup.gathered")
        with translate_disk_errors():
            write_new(stage / WRAPPED, json.dumps(wrapped.to_json()))
        # after the rows: files are there before anything names them
        for name in (DEPOT, WHOLES):
            _copy_files(open_place(settings, name), stage / name)
        if keyring is not None:
            # and keys before they are named
            seal = open_seal(settings, engine)
            _copy_keyring(settings, seal, keyring)
    finally:
        engine.dispose()


def _copy_files(place: Path | DepositPlace, folder: Path) -> None:
    source: DepositPlace = DepositFolder(place) if isinstance(place, Path) else place
    with translate_disk_errors():
        folder.mkdir(mode=0o700)
    try:
        if isinstance(place, Path) and not place.is_dir():
            return
        for name, _written in source.list_files():
            if not is_deposit(name):
                continue
            try:
                stream = source.open(name)
            except FileNotFoundError:
                continue  # removed this very moment: nothing that is needed
            with stream, translate_disk_errors(), open_new(folder / name) as target:
                shutil.copyfileobj(stream, target, _PIECE)
    finally:
        source.close()


def _copy_keyring(settings: Settings, seal: Seal, target: Path) -> None:
    if seal.keyring is None:
        raise FatalError("incident.keyring.missing")
    try:
        if not find_keyring_address(settings):
            copy_database(settings.keyring_folder / KEYRING, target, lambda: None)
            return
        with TemporaryDirectory(prefix="passerelle-") as folder:
            seal.keyring.copy_into(Path(folder))
            copy_file(Path(folder) / KEYRING, target)
    finally:
        seal.keyring.close()


@contextmanager
def open_backup(settings: Settings, unpacked: Path, key: Path | None, keyring: Path | None) -> Iterator[OpenedBackup]:
    """Yield the key of an unpacked backup, opened by the key of the installation that is there, or by a copy of it.

    Raises UsageError `usage.backup.organisation` where it is that of another organisation, FatalError `incident.key.*`,
    `incident.keyring.missing`.
    """
    organisation = settings.shared.organisation
    wrapped = _read_wrapped(unpacked / WRAPPED)
    if wrapped is None or wrapped.organisation != organisation:
        raise UsageError("usage.backup.organisation", name=organisation)
    master = _open_wrapped(wrapped, [settings.key_file, *filter(None, [key])])
    seal = Seal(master)
    with TemporaryDirectory(prefix="passerelle-") as name:
        folder = Path(name)
        seal.keep_key_file(folder / "cle")
        address, here = find_keyring_address(settings), folder / "trousseau"
        make_private_folder(here)
        is_there = _copy_present_keyring(settings, seal, address, here)
        if not is_there:
            if keyring is None:
                raise FatalError("incident.keyring.missing")
            copy_file(keyring, here / KEYRING)
        yield OpenedBackup(master, seal, KeySources(folder / "cle", here / KEYRING), is_there)


def _copy_present_keyring(settings: Settings, seal: Seal, address: str, folder: Path) -> bool:
    """Copy the keyring that is in its place, if there is one: it keeps closed what was erased since the backup."""
    if not address:
        if has_keyring(settings.keyring_folder):
            copy_database(settings.keyring_folder / KEYRING, folder / KEYRING, lambda: None)
        return has_keyring(folder)
    try:
        ring = open_server_keyring(address, settings.shared.organisation, seal.derive_keyring_key(), create=False)
    except FatalError as error:
        if error.code != "incident.keyring.missing":
            raise
        return False
    try:
        ring.copy_into(folder)
    finally:
        ring.close()
    return True


def _read_wrapped(path: Path) -> WrappedKey | None:
    try:
        return organisations.WrappedKey.from_json(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise FatalError("incident.backup.broken", file=path.name) from None


def _open_wrapped(wrapped: WrappedKey, key_files: list[Path]) -> bytes:
    """Open a wrapped key by the first key that fits. Raises FatalError `incident.key.missing`, `incident.key.other`."""
    here = [path for path in key_files if path.is_file()]
    if not here:
        raise FatalError("incident.key.missing", file=key_files[0].name)
    for path in here[:-1]:
        try:
            return organisations.open_wrapped(Seal.from_key_file(path, create=False), wrapped)
        except FatalError as error:
            if error.code != "incident.key.other":
                raise
    return organisations.open_wrapped(Seal.from_key_file(here[-1], create=False), wrapped)


def place_shared(settings: Settings, unpacked: Path, opened: OpenedBackup, act: AuditEntry) -> None:
    """Put an examined backup into a shared journal: key, keyring, files, then the rows in one transaction.

    `act` is among the rows: whatever is there was told of.

    Nothing that is there is replaced, and no row of another organisation is touched. Killed at any moment, the same
    command ends it. Raises UsageError `usage.move.taken` where the organisation has rows, FatalError.
    """
    organisation, now = settings.shared.organisation, SystemClock().now()
    shared = open_journal(settings)
    try:
        installation = Seal.from_key_file(settings.key_file, create=False)
        organisations.keep_key(shared, installation, organisation, opened.master, now)
        if organisations.open_key(shared, installation, organisation, now).master != opened.master:
            raise UsageError("usage.move.taken")
        _place_keyring(settings, opened)
        hit_failpoint("restore.keys")
        for name in (DEPOT, WHOLES):
            _place_files(open_place(settings, name), unpacked / name)
        hit_failpoint("restore.placed")
        source = open_database(unpacked / JOURNAL)
        try:
            with open_writer(source) as connection:
                append_entry(connection, opened.seal, act)
            carry_journal(source, shared)
        finally:
            close_database(source)
        hit_failpoint("restore.journal")
    finally:
        shared.dispose()


def _place_keyring(settings: Settings, opened: OpenedBackup) -> None:
    address = find_keyring_address(settings)
    if opened.has_keyring or opened.keys.keyring is None:
        return
    if not address:
        make_private_folder(settings.keyring_folder)
        copy_file(opened.keys.keyring, settings.keyring_folder / KEYRING)
        return
    ring = Keyring.open(opened.keys.keyring.parent, opened.seal.derive_keyring_key(), create=False)
    try:
        copy_to_server(ring, address, settings.shared.organisation)
    finally:
        ring.close()


def _place_files(place: Path | DepositPlace, folder: Path) -> None:
    """Put files in their place; one that is there already stays."""
    target: DepositPlace = DepositFolder(place) if isinstance(place, Path) else place
    try:
        with translate_disk_errors():
            make_private_folder(target.drafts)
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not target.has(path.name):
                draft = target.drafts / f"{path.name}.draft"
                with translate_disk_errors():
                    draft.unlink(missing_ok=True)
                copy_file(path, draft)
                target.put_new(draft, path.name)
                with translate_disk_errors():
                    draft.unlink(missing_ok=True)
    finally:
        target.close()
