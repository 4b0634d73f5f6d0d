"""A copy of a shared journal and its keyring, in a folder that is thrown away: what a rehearsal writes goes there."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import ALONE, JOURNAL, find_keyring_address, open_journal
from passerelle.engine.workspace.key_places import open_seal
from passerelle.stores.database import open_database
from passerelle.stores.journal_transfer import carry_journal
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.keyring import Keyring
from passerelle.stores.organisations import has_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.ports import Clock


@contextmanager
def open_shared_copy(
    settings: Settings, folder: Path, clock: Clock, copy_database: Callable[[Path, Path, str], None]
) -> Iterator[Workspace]:
    """Open a workspace on the rows of the organisation, carried into files of a private folder."""
    state, ring = folder / "state", folder / "keyring"
    for private in (state, ring):
        private.mkdir(mode=0o700)
    copied = replace(settings, state=state, keyring=ring, key_file=state / "key", shared=ALONE)
    engine = open_journal(settings)
    try:
        if not has_key(engine, settings.shared.organisation):
            # before the first run: nothing is known, and the shared journal is told of nobody by a rehearsal
            with open_workspace(copied, clock=clock) as workspace:
                yield workspace
            return
        seal = open_seal(settings, engine)
        try:
            copy = open_database(state / JOURNAL)
            carry_journal(engine, copy)
            copy.dispose()
            if seal.keyring is not None and find_keyring_address(settings):
                seal.keyring.copy_into(ring)
            else:
                copy_database(settings.keyring_folder, ring, KEYRING)
        finally:
            if seal.keyring is not None:
                seal.keyring.close()
    finally:
        engine.dispose()
    with open_workspace(
        copied, clock=clock, seal=seal.attach(Keyring.open(ring, seal.derive_keyring_key(), create=False))
    ) as workspace:
        yield workspace
