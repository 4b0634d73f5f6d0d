"""Where key, keyring and state lie: opens the keyring of a workspace, and tells what lies where it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.clock import SystemClock
from passerelle.engine.workspace.journal_place import find_keyring_address, has_deposits
from passerelle.stores import organisations
from passerelle.stores.key_upkeep import has_key_mark, keep_keyring_name, read_keyring_name
from passerelle.stores.keyring import Keyring, has_keyring
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from passerelle.engine.settings.workspace_settings import Settings

NEXT = ".new"
"""Added to the name of the key file: the key that a change of keys is about to use."""


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """Where the parts of an installation lie, and which of them lie inside the state folder."""

    state: Path
    key: Path
    keyring: Path

    @property
    def inside(self) -> tuple[Path, ...]:
        """Return what lies inside the state folder: a copy of the state opens itself."""
        state = self.state.resolve()
        return tuple(path for path in (self.key, self.keyring) if path.resolve().is_relative_to(state))


def find_key_places(settings: Settings) -> KeyPlaces:
    """Return where the parts of an installation lie."""
    return KeyPlaces(settings.state, settings.key_file, settings.keyring_folder)


def open_seal(settings: Settings, engine: Engine, lent: Engine | None = None) -> Seal:
    """Open the master key, and the keyring of the journal with it; the first time, both are made.

    `lent`: the database of the keyring, where that is open already.
    Raises FatalError `incident.key.*` and `incident.keyring.*`.
    """
    if settings.shared.journal:
        return _open_shared_seal(settings, engine, lent)
    name = read_keyring_name(engine)
    seal = Seal.from_key_file(settings.key_file, create=not (name or _needs_key(settings, engine)))
    # A journal that names a keyring had one: a new one in its place would open nothing of what it sealed.
    keyring, seal = _open_keyring(settings, seal, create=not name)
    return _attach_keyring(engine, seal, keyring, name)


def _open_shared_seal(settings: Settings, engine: Engine, lent: Engine | None) -> Seal:
    """Open the key of an organisation with the key of the installation, and its keyring with that."""
    organisation = settings.shared.organisation
    installation = open_installation(settings, engine)
    had_keyring = has_keyring(settings.keyring_folder)
    key = organisations.open_key(engine, installation, organisation, SystemClock().now())
    seal, name = Seal(key.master), read_keyring_name(engine)
    if had_keyring and key.is_new:
        # another database than the one that this keyring belongs to, or another name
        raise FatalError("incident.journal.elsewhere", organisation=organisation)
    address, wrapping_key = find_keyring_address(settings), seal.derive_keyring_key()
    if address:
        from passerelle.stores import server_keyring  # noqa: PLC0415  most machines have no server

        keyring = (
            server_keyring.open_server_keyring(address, organisation, wrapping_key, create=not name)
            if lent is None
            else server_keyring.open_keyring_on(lent, wrapping_key, create=not name)
        )
    else:
        keyring = Keyring.open(settings.keyring_folder, wrapping_key, create=not name)
    return _attach_keyring(engine, seal, keyring, name)


def _attach_keyring(engine: Engine, seal: Seal, keyring: Keyring, name: str) -> Seal:
    """Attach a keyring that is the journal's own: the one that the journal names, or named by it from now on."""
    if name and keyring.name != name:
        keyring.close()
        raise FatalError("incident.keyring.other")
    if not name:
        keep_keyring_name(engine, keyring.name)
    return seal.attach(keyring)


def open_installation(settings: Settings, engine: Engine) -> Seal:
    """Open the key of the installation, made by the first organisation of a shared journal.

    Raises FatalError `incident.key.missing` where others have used one already: it is copied from their machine.
    """
    following = settings.key_file.with_name(settings.key_file.name + NEXT)
    installation = Seal.from_key_file(settings.key_file, create=not organisations.has_organisations(engine))
    if following.exists() and not organisations.is_wrapped_by(engine, installation):
        # A change of keys was killed between table and file: the table has the new one already.
        fresh = Seal.from_key_file(following, create=False)
        if organisations.is_wrapped_by(engine, fresh):
            following.replace(settings.key_file)
            return fresh
    return installation


def _needs_key(settings: Settings, engine: Engine) -> bool:
    """Whether something here was sealed already: a new key would open nothing of it, and hide that the old one is lost.

    A key that is not there is then `incident.key.missing`.
    """
    return has_key_mark(engine) or _has_sealed_files(settings)


def _has_sealed_files(settings: Settings) -> bool:
    return has_keyring(settings.keyring_folder) or has_deposits(settings)


def check_keys(settings: Settings) -> None:
    """Look at key and keyring where there is no journal yet, and make none. Raises what `open_seal` would raise."""
    if settings.key_file.exists() or _has_sealed_files(settings):
        seal = Seal.from_key_file(settings.key_file, create=False)
        if has_keyring(settings.keyring_folder):
            Keyring.open(settings.keyring_folder, seal.derive_keyring_key(), create=False).close()


def _open_keyring(settings: Settings, seal: Seal, *, create: bool) -> tuple[Keyring, Seal]:
    folder, key_file = settings.keyring_folder, settings.key_file
    try:
        return Keyring.open(folder, seal.derive_keyring_key(), create=create), seal
    except FatalError as error:
        following = key_file.with_name(key_file.name + NEXT)
        if error.code != "incident.keyring.locked" or not following.exists():
            raise
    # A change of keys was killed between its two files: the keyring has the new key already.
    seal = Seal.from_key_file(following, create=False)
    keyring = Keyring.open(folder, seal.derive_keyring_key(), create=False)
    following.replace(key_file)
    return keyring, seal


def is_keyring_lost(settings: Settings) -> bool:
    """Whether there is a state, and no keyring."""
    return settings.state.is_dir() and not has_keyring(settings.keyring_folder)
