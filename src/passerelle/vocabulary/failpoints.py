"""Named places in the code where a test can kill the process: the crash tests use them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

VARIABLE = "PASSERELLE_FAILPOINT"
"""`name` or `name:n`: kill at the first or n-th time this place is passed."""
LOG_VARIABLE = "PASSERELLE_FAILPOINT_LOG"
"""A file to which the name of every place passed is appended, one per line."""

FAILPOINTS = (
    "collect.seen",
    "collect.copied",
    "collect.registered",
    "collect.acknowledged",
    "decode.batch",
    "deliver.before",
    "deliver.sent",
    "deliver.answered",
    "folder.written",
    "folder.renamed",
    "database.written",
    "settle.before",
    "settle.quarantined",
    "settle.committed",
    "parcel.closed",
    "file.remembered",
    "file.joined",
    "file.cleared",
    "file.placed",
    "cursor.moved",
    "keys.swept",
)
"""Every place, in the order of a run. A test fails when one is never passed."""
ALERT_FAILPOINTS = ("alert.written", "alert.sent", "alert.stop_sent", "alert.taken_over")
"""Places where people are told of faults, which a run without channels does not pass."""
SHELF_FAILPOINTS = ("shelf.marked", "shelf.written", "shelf.rewritten", "shelf.committed")
"""Places of the shelf, which a flow without one does not pass."""
EVENT_FAILPOINTS = ("events.posted", "events.taken")
"""Places where receivers of subscriptions are told of changes, which no run passes."""
DEPOT_FAILPOINTS = ("depot.part", "depot.sent", "depot.removed")
"""Places where a depot is an object store, which a folder does not pass."""
PERSON_FAILPOINTS = (
    "keys.moved",
    "rotate.kept",
    "rotate.wrapped",
    "rotate.locked",
    "rotate.placed",
    "person.begun",
    "person.shelved",
    "person.withdrawn",
    "person.told",
    "person.items",
    "person.deposits",
    "person.lists",
    "person.known",
    "person.trail",
    "person.swept",
)
"""Places in acts about persons and about keys, which no run passes."""
BACKUP_FAILPOINTS = (
    "backup.gathered",
    "backup.keyring",
    "backup.written",
    "restore.settings",
    "restore.extracted",
    "restore.keys",
    "restore.placed",
    "restore.journal",
)
"""Places in a backup and in putting one back."""
CARRY_FAILPOINTS = ("deposits.carried", "deposits.told", "deposits.emptied")
"""Places where received files are carried to where the settings have them now."""

_passed: dict[str, int] = {}


def hit_failpoint(name: str) -> None:
    """Do nothing, unless the environment names this place: then die as at a power cut (SIGKILL, no clean-up)."""
    if log := os.environ.get(LOG_VARIABLE):
        with Path(log).open("a", encoding="ascii") as stream:
            stream.write(f"{name}\n")
    if not (wanted := os.environ.get(VARIABLE)):
        return
    place, _colon, nth = wanted.partition(":")
    if place == name:
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] == int(nth or 1):
            # Not an exception: nothing may run any more, as after a power cut.
            os.kill(os.getpid(), signal.SIGKILL)
