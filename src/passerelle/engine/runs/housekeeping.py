"""Removes what is no longer needed: received bytes after a while, quarantined records when they expire.

Every state that keeps a payload is reached from here; `tests/unit/engine/runs/test_housekeeping.py` has the table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.engine.records.subject_memory import LIKENESS, SUBJECT
from passerelle.engine.runs.clock_trust import ClockTrust, find_wrong_times, judge_clock
from passerelle.vocabulary.errors import FatalError, ParcelError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace

RUNS = 600
"""Runs that the clock is held against: of a nightly job nearly two years, of one every five minutes two days."""

_SWEEP_EVERY = timedelta(hours=20)
"""Time between two sweeps of the keyring: those of a nightly job happen each night."""
_SWEPT = "swept"
DAMAGED = "incident.shelf.damaged"


@dataclass(frozen=True, slots=True)
class Tidying:
    """What tidying did: numbers of items, deposits and parcels, and what it thinks of the clock."""

    clock: ClockTrust
    expired: int = 0
    removed: int = 0
    dropped: int = 0
    """Parcels that had been parked for longer than a record may stay in quarantine."""


def tidy(workspace: Workspace, run: int | None = None) -> Tidying:
    """Expire quarantine, parked parcels and depot. Called at the end of each run; stopping half-way does no harm.

    Of a parcel whose bytes are gone the journal keeps digests and counts. A clock that is not trusted destroys nothing
    that the last trusted moment would not have. `run` is the number of the run that tidies.
    """
    clock = _judge(workspace, run)
    settings, moment = workspace.settings, clock.moment
    if not clock.is_trusted:
        log("tidy_postponed", count=clock.days)
    else:
        # what was seen last may be dated by a clock that is wrong
        workspace.journal.forget_unseen_marks(timedelta(days=settings.received_days))
    dropped = workspace.journal.drop_parked_before(moment - timedelta(days=settings.retention_days))
    expired = workspace.quarantine.expire(moment)
    _tidy_shelves(workspace, moment)
    removed = _empty_depot(workspace, moment - timedelta(days=settings.received_days))
    workspace.depot.sweep(moment)
    _tidy_wholes(workspace, moment)
    workspace.journal.forget_switch_details(moment - timedelta(days=settings.retention_days))
    if clock.is_trusted:
        _tidy_keys(workspace, moment)
    if expired or removed or dropped:
        log("tidied", expired=expired, removed=removed, count=dropped)
    return Tidying(clock, expired, removed, dropped)


def _tidy_shelves(workspace: Workspace, moment: datetime) -> None:
    """Take off shelves what was kept long enough, and everything of flows that have none any more."""
    shelf, flows = workspace.shelf, workspace.settings.flows
    for name in sorted({scope.flow for scope in shelf.list_scopes()}):
        days = flows[name].shelf_days if name in flows else None
        if days is None:
            log("shelf_emptied", flow=name, count=shelf.empty(name))
            workspace.journal.clear_notice(name, DAMAGED)
            continue
        try:
            expired = shelf.expire(name, moment - timedelta(days=days), moment)
            shelf.tidy(name)
        except ParcelError:
            # told until somebody empties it; what other flows keep is tidied all the same
            workspace.journal.raise_notice(name, DAMAGED, {}, moment)
            continue
        workspace.journal.clear_notice(name, DAMAGED)
        if expired:
            log("shelf_expired", flow=name, count=expired)


def _tidy_keys(workspace: Workspace, moment: datetime) -> None:
    """Move keys that are still in the state into the keyring, and destroy those that nothing names any more."""
    keyring, upkeep = workspace.seal.keyring, workspace.journal
    if keyring is None:
        return
    depots = (workspace.depot, workspace.wholes)
    if moved := upkeep.seal_all_again(depots):
        log("keys_moved", count=moved)
    # once a day: a look at every envelope is too much for a run every five minutes
    last = keyring.read_word(_SWEPT).decode()
    if last and timedelta() <= moment - datetime.fromisoformat(last) < _SWEEP_EVERY:
        return
    _tidy_subjects(workspace, moment)
    upkeep.join_subjects()
    if destroyed := upkeep.sweep_keys(depots, timedelta(days=workspace.settings.backup_days)):
        log("keys_destroyed", count=destroyed)
    keyring.keep_word(_SWEPT, moment.isoformat().encode())


def _tidy_subjects(workspace: Workspace, moment: datetime) -> None:
    """Forget whom records are about that were delivered longer ago than the settings say, and who was known then.

    Who comes again is remembered again.
    """
    oldest = moment - timedelta(days=workspace.settings.subject_days)
    lists = workspace.journal.forget_subjects_before(oldest)
    names = workspace.journal.forget_remembered_before((SUBJECT, LIKENESS), oldest)
    if lists or names:
        log("subjects_forgotten", count=lists, removed=names)


def _judge(workspace: Workspace, run: int | None) -> ClockTrust:
    """Judge the clock; once it is trusted, set right what was written while it was wrong."""
    gap = timedelta(days=workspace.settings.idle_days)
    # the runs that others began since then are theirs to judge
    runs = [row for row in reversed(workspace.journal.list_runs(RUNS)) if run is None or row.id <= run]
    clock = judge_clock([row.started_at for row in runs], workspace.clock.now(), gap)
    if clock.is_trusted and (wrong := find_wrong_times(runs, gap)):
        # what was stamped twelve years ahead would stay for twelve years, and what was stamped 1970 go at once
        workspace.journal.redate((wrong.first, wrong.last), (wrong.begin, wrong.end), wrong.shift)
    return clock


def _empty_depot(workspace: Workspace, moment: datetime) -> int:
    """Remove the deposits that nobody needs since `moment`, and return their number.

    One that cannot be removed does not keep the others: its FatalError is raised when they are gone.
    """
    depot, journal = workspace.depot, workspace.journal
    closed = [digest for digest in journal.list_closed_before(moment) if depot.has(digest)]
    # A process that died between depot and journal left bytes that no parcel names. As old as this they are no
    # parcel that is about to be registered, and a restored journal had the time to hear of them again.
    orphans = journal.find_unregistered(depot.list_older(moment))
    trouble: FatalError | None = None
    removed = 0
    for digest in (*closed, *sorted(orphans)):
        try:
            depot.remove(digest)
            removed += 1
        except FatalError as error:
            trouble = trouble or error
    if trouble is not None:
        raise trouble
    return removed


def _tidy_wholes(workspace: Workspace, moment: datetime) -> None:
    """Forget the lists of flows that are no longer in the settings, and lists that nothing renewed for too long."""
    journal, wholes = workspace.journal, workspace.wholes
    oldest = moment - timedelta(days=workspace.settings.retention_days)
    named = set()
    for row in journal.list_whole_lists():
        if row.flow in workspace.settings.flows and row.made_at >= oldest:
            named.add(row.digest)
        else:
            journal.forget_whole_list(row.flow)
            wholes.remove(row.digest)
    wholes.sweep(moment)
    wholes.sweep_unnamed(named, moment)
