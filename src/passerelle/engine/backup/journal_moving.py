"""Carries the journal of a workspace into one that several organisations share, and back.

Keys come first and the old journal is put out of use last: killed at any moment, what was there works, or the same
command ends it. Received files and lists are not touched: they are moved by whoever moves folders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.persons.person_withdrawing import claim_flows
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import JOURNAL, LEFT, find_keyring_address, open_journal
from passerelle.engine.workspace.key_places import open_installation
from passerelle.stores import organisations
from passerelle.stores.database import open_database
from passerelle.stores.disk import translate_disk_errors
from passerelle.stores.file_mark import drop_mark
from passerelle.stores.integrity import close_database
from passerelle.stores.journal_transfer import carry_journal, drop_journal
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.server_keyring import copy_to_server
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.engine.settings.general_settings import SharedPlaces
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.journal_transfer import CarriedRows


@dataclass(frozen=True, slots=True)
class MovedJournal:
    """A journal that was carried over: the books of both sides are the same."""

    rows: int
    flows: Mapping[str, int]
    """What each flow received since the beginning."""
    settings: Mapping[str, str]
    """What the settings have to say from now on; an empty text: the key goes."""


def share_journal(settings: Settings, shared: SharedPlaces, installation_key: Path, *, who: str) -> MovedJournal:
    """Carry the journal of a workspace into a shared one, and its keyring where `shared` names a database for it.

    `installation_key` is the key of the installation, made where the shared journal has no organisation yet. Raises
    UsageError `usage.move.taken`, `usage.move.shared`; TransientError while a flow runs; FatalError.
    """
    if settings.shared.journal:
        raise UsageError("usage.move.shared")
    target = replace(
        settings,
        shared=replace(shared, depot=settings.shared.depot, store=settings.shared.store),
        key_file=installation_key,
    )
    with open_workspace(settings) as workspace, claim_flows(workspace, settings.flows):
        carried = _carry_out(workspace, target, who)
    path = settings.state / JOURNAL
    with translate_disk_errors():
        drop_mark(path)
        path.rename(path.with_name(LEFT))
        for left in settings.keyring_folder.glob(f"{KEYRING}*") if shared.keyring else ():
            left.unlink(missing_ok=True)  # what is destroyed from now on would stay in it
    log("journal_moved", count=sum(carried.rows.values()))
    keyring = {"keyring": shared.keyring} if shared.keyring else {}
    said = {"journal": shared.journal, "organisation": shared.organisation, "key_file": str(installation_key)}
    return _describe(carried, said | keyring)


def _carry_out(workspace: Workspace, target: Settings, who: str) -> CarriedRows:
    seal, organisation, now = workspace.seal, target.shared.organisation, workspace.clock.now()
    source, shared = open_database(workspace.settings.state / JOURNAL), open_journal(target)
    try:
        installation = open_installation(target, shared)
        organisations.keep_key(shared, installation, organisation, seal.master, now)
        if organisations.is_shredded(shared, organisation):
            raise UsageError("usage.move.taken")
        if organisations.open_key(shared, installation, organisation, now).master != seal.master:
            raise UsageError("usage.move.taken")
        # before anything is carried: the entry goes along, and so does its key
        workspace.journal.append_audit("journal.move", "", "", now, who)
        address = find_keyring_address(target)
        if address and seal.keyring is not None:
            copy_to_server(seal.keyring, address, organisation)
        carried = carry_journal(source, shared)
    finally:
        shared.dispose()
        close_database(source)
    return carried


def withdraw_journal(settings: Settings, key: Path, *, who: str) -> MovedJournal:
    """Carry the rows of an organisation out of a shared journal into a file of the state folder, and remove them there.

    `key` is a new file for the key of the organisation. Raises UsageError `usage.move.taken`, `usage.file.exists`;
    TransientError while a flow runs; FatalError.
    """
    if not settings.shared.journal:
        raise UsageError("usage.journal.unshared")
    path = settings.state / JOURNAL
    if path.exists():
        raise UsageError("usage.move.taken")
    with open_workspace(settings) as workspace, claim_flows(workspace, settings.flows):
        workspace.seal.keep_key_file(key)
        workspace.journal.append_audit("journal.move", "", "", workspace.clock.now(), who)
        keyring = workspace.seal.keyring
        if keyring is not None and find_keyring_address(settings):
            settings.keyring_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            keyring.copy_into(settings.keyring_folder)
        shared, target = open_journal(settings), open_database(path)
        try:
            carried = carry_journal(shared, target)
            drop_journal(shared)
            if keyring is not None and find_keyring_address(settings):
                keyring.destroy_all()
        finally:
            close_database(target)
            shared.dispose()
    log("journal_moved", count=sum(carried.rows.values()))
    return _describe(carried, {"journal": "", "organisation": "", "keyring": "", "key_file": str(key)})


def _describe(carried: CarriedRows, said: Mapping[str, str]) -> MovedJournal:
    received = {flow: books["received"] for flow, books in sorted(carried.books.items())}
    return MovedJournal(sum(carried.rows.values()), received, said)
