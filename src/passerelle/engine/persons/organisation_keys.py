"""Destroys the key of an organisation, or makes a new one for the installation that locks those of all.

The key is destroyed first, then the keyring: killed in between, nothing opens any more, and the same command ends it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.audit.audit_trail import keep_head
from passerelle.engine.audit.revealing import require_why
from passerelle.engine.log import log
from passerelle.engine.persons.person_withdrawing import claim_flows
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import DEPOT, WHOLES, find_deposits, find_keyring_address, open_journal
from passerelle.engine.workspace.key_places import NEXT, open_installation
from passerelle.stores import organisations
from passerelle.stores.disk import translate_disk_errors
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.seal import Seal
from passerelle.stores.server_keyring import destroy_server_keyring
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.safe_files import sync_folder

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from passerelle.engine.settings.workspace_settings import Settings


@dataclass(frozen=True, slots=True)
class ShreddedOrganisation:
    """What is left of an organisation whose key was destroyed."""

    blocks: int
    """Parts of its keyring, destroyed too; 0 when that was done before."""
    deposits: int
    """Received files and lists that nothing opens any more."""
    others: int
    """Organisations of the same journal, which open all of theirs."""


def shred_organisation(settings: Settings, name: str, *, why: str, who: str) -> ShreddedOrganisation:
    """Destroy the key of the organisation of the settings, with its keyring: nothing that it sealed opens again.

    Raises UsageError without a reason, or when `name` is not that of the settings; TransientError while a flow runs.
    """
    require_why(why)
    if not settings.shared.journal:
        raise UsageError("usage.journal.unshared")
    if name != settings.shared.organisation:
        raise UsageError("usage.organisation.other")
    engine = open_journal(settings)
    try:
        installation = open_installation(settings, engine)
        blocks = 0 if organisations.is_shredded(engine, name) else _shred(settings, engine, installation, why, who)
        _destroy_keyring_left(settings)
        living, _shredded = organisations.count_organisations(engine)
    finally:
        engine.dispose()
    folders = [find_deposits(settings, folder) for folder in (DEPOT, WHOLES)]
    deposits = sum(path.is_file() for folder in folders if folder.is_dir() for path in folder.iterdir())
    log("organisation_shredded", count=blocks)
    return ShreddedOrganisation(blocks, deposits, living)


def _shred(settings: Settings, engine: Engine, installation: Seal, why: str, who: str) -> int:
    """Write the act into the trail, keep its head, and destroy the key; return how many parts the keyring had."""
    with open_workspace(settings) as workspace, claim_flows(workspace, settings.flows):
        now = workspace.clock.now()
        workspace.journal.append_audit("organisation.shred", settings.shared.organisation, why, now, who)
        with suppress(UsageError):  # a file that cannot be written keeps nobody from destroying
            keep_head(workspace, settings.audit_anchor)
        organisations.shred_key(engine, installation, settings.shared.organisation, why=why, who=who, now=now)
        keyring = workspace.seal.keyring
        return keyring.destroy_all() if keyring is not None else 0


def _destroy_keyring_left(settings: Settings) -> None:
    """Remove the keyring, which nothing opens any more: what a kill left of it too."""
    if address := find_keyring_address(settings):
        destroy_server_keyring(address, settings.shared.organisation)
    for path in settings.keyring_folder.glob(f"{KEYRING}*"):
        with translate_disk_errors():
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ChangedInstallationKey:
    """What a change of the key of an installation did."""

    organisations: int
    """Organisations whose key is locked with the new one."""


def replace_installation_key(settings: Settings, *, why: str, who: str) -> ChangedInstallationKey:
    """Make a new key of the installation, and lock the keys of all organisations with it: the old one opens no more.

    Copies of the journal that were made before open with the old one as long as it is kept anywhere. Killed at any
    moment, the next command goes on. Raises UsageError without a reason.
    """
    require_why(why)
    if not settings.shared.journal:
        raise UsageError("usage.journal.unshared")
    path = settings.key_file
    following = path.with_name(path.name + NEXT)
    engine = open_journal(settings)
    try:
        installation = open_installation(settings, engine)
        fresh = Seal.from_key_file(following, create=True)
        hit_failpoint("rotate.kept")
        count = organisations.wrap_all_again(engine, installation, fresh)
        hit_failpoint("rotate.locked")
        with translate_disk_errors():
            following.replace(path)
            sync_folder(path.parent)
    finally:
        engine.dispose()
    with open_workspace(settings) as workspace:
        workspace.journal.append_audit("installation.rotate", "", why, workspace.clock.now(), who)
    log("key_changed", count=count)
    return ChangedInstallationKey(count)
