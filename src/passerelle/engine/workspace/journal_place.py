"""Where the journal, the received files and the lists of a workspace lie: in its state folder, or shared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.engine.settings.general_settings import SharedPlaces
from passerelle.engine.settings.secrets import resolve
from passerelle.stores.database import name_server_database, open_database, open_shared_database
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.stores.deposit_place import DepositPlace

JOURNAL = "journal.sqlite3"
LEFT = f"{JOURNAL}.deplace"
"""The name of a journal that was carried into a shared one: nothing opens it by itself."""
DEPOT = "depot"
WHOLES = "listes"
"""Folder of the sealed lists of what whole exports held."""
ALONE = SharedPlaces()
"""Of a workspace that is a copy, or thrown away: whatever the real one shares, it shares nothing."""


@dataclass(frozen=True, slots=True)
class LentDatabases:
    """The databases of an organisation on connections that a worker shares among several: closing closes none."""

    journal: Engine
    keyring: Engine | None = None
    """None where the keyring is a folder."""


def open_journal(settings: Settings) -> Engine:
    """Open the database of the journal, migrated.

    Raises SettingsError `settings.secret.absent`, FatalError `incident.database.*`.
    """
    shared = settings.shared
    if not shared.journal:
        return open_database(settings.state / JOURNAL)
    return open_shared_database(resolve(shared.journal).reveal(), shared.organisation)


def find_keyring_address(settings: Settings) -> str:
    """Return the address of the database of the keyring; empty where the keyring is a folder.

    Raises FatalError `incident.keyring.together` when it is the database of the journal: its copies would open.
    """
    shared = settings.shared
    if not shared.keyring:
        return ""
    address = resolve(shared.keyring).reveal()
    if shared.journal and name_server_database(address) == name_server_database(resolve(shared.journal).reveal()):
        raise FatalError("incident.keyring.together")
    return address


def find_deposits(settings: Settings, name: str) -> Path:
    """Return the folder of the received files (`DEPOT`) or of the lists (`WHOLES`), where no object store has them."""
    shared = settings.shared
    root = settings.state if shared.depot is None else shared.depot / shared.organisation
    return root / name


def open_place(settings: Settings, name: str) -> Path | DepositPlace:
    """Return where the received files (`DEPOT`) or the lists (`WHOLES`) lie: a folder, or an object store.

    Raises SettingsError for a secret that is not there, or without the library.
    """
    store = settings.shared.store
    if store is None:
        return find_deposits(settings, name)
    below = (settings.shared.organisation, name) if settings.shared.organisation else (name,)
    from passerelle.engine.adapters.web_places import open_s3_deposits  # noqa: PLC0415  most depots are folders

    return open_s3_deposits(store, below, settings.state / name)


def has_deposits(settings: Settings) -> bool:
    """Whether anything was received. Raises as `open_place`, and what an object store raises."""
    place = open_place(settings, DEPOT)
    if isinstance(place, Path):
        return place.is_dir() and any(place.iterdir())
    try:
        return any(True for _each in place.list_files())
    finally:
        place.close()


def refuse_shared(settings: Settings) -> None:
    """Raise UsageError `usage.backup.shared` where received files alone lie elsewhere than the journal's own folder."""
    shared = settings.shared
    if not shared.journal and (shared.depot is not None or shared.store is not None):
        raise UsageError("usage.backup.shared")
