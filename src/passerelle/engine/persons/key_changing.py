"""Changes the master key without delivering anything again: the keyring is locked anew, pseudonyms stay as they are.

Two files change, keyring and key file. The new key lies beside the old one before the keyring is locked with it, and
takes its place afterwards; whoever opens the workspace in between finds it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import require_why
from passerelle.engine.log import log
from passerelle.engine.persons.person_withdrawing import claim_flows
from passerelle.engine.workspace.key_places import NEXT
from passerelle.stores.disk import translate_disk_errors
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.safe_files import sync_folder

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace


@dataclass(frozen=True, slots=True)
class ChangedKey:
    """What a change of the master key did."""

    blocks: int
    """Parts of the keyring that were locked anew."""
    moved: int
    """Envelopes and files that still held their key, and were sealed anew."""


def replace_master_key(workspace: Workspace, *, why: str, who: str) -> ChangedKey:
    """Make a new master key and lock the keyring with it; the old one opens nothing any more.

    Killed at any moment, the workspace opens, and the same command ends with a new key. Raises UsageError without a
    reason, TransientError while a flow runs.
    """
    require_why(why)
    if workspace.settings.shared.journal:
        raise UsageError("usage.key.shared")
    seal, path = workspace.seal, workspace.settings.key_file
    if seal.keyring is None:
        raise FatalError("incident.keyring.missing")
    with claim_flows(workspace, workspace.settings.flows):
        moved = workspace.journal.seal_all_again((workspace.depot, workspace.wholes))
        following = path.with_name(path.name + NEXT)
        fresh = Seal.from_key_file(following, create=True)
        hit_failpoint("rotate.kept")
        blocks = seal.keyring.wrap_again(fresh.derive_keyring_key(), seal.list_lasting_words())
        hit_failpoint("rotate.locked")
        with translate_disk_errors():
            following.replace(path)
            sync_folder(path.parent)
        hit_failpoint("rotate.placed")
        workspace.journal.append_audit("key.rotate", "", why, workspace.clock.now(), who)
    log("key_changed", count=blocks)
    return ChangedKey(blocks, moved)
