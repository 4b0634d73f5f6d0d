"""Carries received files and lists from where earlier settings had them to where the settings have them now.

Files are carried as they are, sealed; nothing is opened but to see that it opens. What is there already stays, so that
the same command ends what was killed; what was carried leaves its old place only once all of it is in the new one.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.persons.person_withdrawing import claim_flows
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import DEPOT, WHOLES, open_place
from passerelle.stores.deposit_place import DRAFT, DepositFolder
from passerelle.stores.depot import Depot, is_deposit
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.vocabulary.errors import FatalError, UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.stores.deposit_place import DepositPlace

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class MovedDeposits:
    """What was carried over."""

    files: int
    """Files that are in the new place, and were in the old one."""
    broken: int
    """Files of which the bytes are the same and do not open, as they did not before."""


def move_deposits(earlier: Settings, settings: Settings, *, who: str) -> MovedDeposits:
    """Carry received files and lists over, while no flow runs.

    Raises UsageError `usage.deposits.same`, FatalError `incident.move.files` when one that opened does not open there,
    TransientError while a flow runs, or when one of the places is away.
    """
    if earlier.shared.store == settings.shared.store and earlier.shared.depot == settings.shared.depot:
        raise UsageError("usage.deposits.same")
    files = broken = 0
    with open_workspace(settings) as workspace, claim_flows(workspace, settings.flows):
        for name, target in ((DEPOT, workspace.depot), (WHOLES, workspace.wholes)):
            place, new = _open(earlier, name), _open(settings, name)
            try:
                source = Depot(place, workspace.seal)
                names = [each for each, _written in place.list_files() if is_deposit(each)]
                for each in names:
                    _carry(place, new, each)
                    hit_failpoint("deposits.carried")
                    opens = target.is_sound(each)
                    if not opens and source.is_sound(each):
                        raise FatalError("incident.move.files")
                    broken += not opens
                if not set(names) <= {each for each, _written in new.list_files()}:
                    raise FatalError("incident.move.files")
                files += len(names)
            finally:
                new.close()
                place.close()
        workspace.journal.append_audit("depot.move", "", str(files), workspace.clock.now(), who)
        hit_failpoint("deposits.told")
        for name in (DEPOT, WHOLES):
            _empty(_open(earlier, name))
    log("deposits_moved", count=files)
    return MovedDeposits(files, broken)


def _open(settings: Settings, name: str) -> DepositPlace:
    place = open_place(settings, name)
    return DepositFolder(place) if isinstance(place, Path) else place


def _carry(place: DepositPlace, target: DepositPlace, name: str) -> None:
    if target.has(name):
        return
    draft = target.drafts / f"{name}{DRAFT}"
    with translate_disk_errors():
        make_private_folder(target.drafts)
        draft.unlink(missing_ok=True)
    try:
        with place.open(name) as stream, translate_disk_errors(), open_new(draft) as copy:
            shutil.copyfileobj(stream, copy, _PIECE)
        target.put_new(draft, name)
    finally:
        with translate_disk_errors():
            draft.unlink(missing_ok=True)


def _empty(place: DepositPlace) -> None:
    try:
        for name, _written in list(place.list_files()):
            if is_deposit(name):
                place.remove(name)
                hit_failpoint("deposits.emptied")
    finally:
        place.close()
