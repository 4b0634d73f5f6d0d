"""Takes parcels again through the present mapping, or delivers everything that a flow knows anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import IO, TYPE_CHECKING

from passerelle.edges.sources.again import AgainSource
from passerelle.engine.log import log
from passerelle.engine.path.collecting import collect
from passerelle.engine.runs.handle_notice import HANDLES
from passerelle.engine.runs.running import RunReport, run_flows
from passerelle.stores.parcels import REPLAY, WITHDRAWN, ParcelState
from passerelle.vocabulary.arrivals import TAKEN_AGAIN
from passerelle.vocabulary.dated_names import find_name_date
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from passerelle.engine.runs.running import Watch
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.books import ParcelRow

_UNFINISHED = (ParcelState.OPEN, ParcelState.WAITING)


@dataclass(frozen=True, slots=True)
class ParcelChoice:
    """Which parcels are taken again: all since a moment, files, or those of `digests`.

    These may be beginnings, also of what a parcel is called at its destination.
    """

    digests: tuple[str, ...] = ()
    since: datetime | None = None
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenAgain:
    """What is taken again."""

    flow: str
    taken: tuple[str, ...]
    """Keys of the new parcels."""
    gone: tuple[str, ...]
    """Keys of parcels whose bytes are no longer kept."""
    unfinished: tuple[str, ...] = ()
    """Keys of parcels that are not finished: they are taken anyway."""
    newer: tuple[str, ...] = ()
    """Keys of parcels that came after the oldest of these, and are not taken with it: unless records say which of their
    states is the newer, what both tell of goes back to the older state."""


@dataclass(frozen=True, slots=True)
class DeliveredAnew:
    """What a new delivery of everything did."""

    registered: TakenAgain
    report: RunReport
    left: int
    """Known records that could not be delivered: nothing that is kept holds them."""


def take_again(workspace: Workspace, name: str, choice: ParcelChoice, *, who: str) -> TakenAgain:
    """Register parcels that are kept, or files, as new ones, in order of arrival; the next run takes them.

    Raises UsageError for an unknown flow, and for a digest or a file that is not there.
    """
    flow = workspace.settings.get_flow(name)
    last = _list_last(workspace, flow.name)
    rows = [] if choice.files else _choose(last, choice, flow.name)
    taken = replace(_register(workspace, flow, rows), newer=_find_newer(last, rows))
    if choice.files:
        keys = _collect(workspace, flow, [_read_file(path, flow) for path in choice.files])
        taken = TakenAgain(flow.name, keys, ())
    workspace.journal.append_audit("flow.take-again", flow.name, "", workspace.clock.now(), who)
    log("parcels_taken_again", flow=flow.name, count=len(taken.taken))
    return taken


def deliver_all(workspace: Workspace, name: str, *, who: str, watch: Watch | None = None) -> DeliveredAnew:
    """Deliver everything that is kept anew: each record in its latest state, as its next version, whatever is known.

    Raises UsageError for an unknown flow, TransientError while another process runs it.
    """
    flow, journal = workspace.settings.get_flow(name), workspace.journal
    with journal.claim(flow.name):
        last = journal.find_last_parcel(flow.name)
        # The latest first: the first state of a record that comes by is its last one, and the only one that goes.
        rows = [row for row in _list_last(workspace, flow.name)[::-1] if row.state in (ParcelState.DONE, *_UNFINISHED)]
        registered = _register(workspace, flow, rows, redelivers=last)
    journal.append_audit("flow.deliver-all", flow.name, "", workspace.clock.now(), who)
    log("parcels_taken_again", flow=flow.name, count=len(registered.taken))
    report = run_flows(workspace, [flow.name], watch=watch)
    journal.clear_notice(flow.name, HANDLES)
    contracts = {table.contract for table in workspace.plugins.find_connector(flow.connector)[1].tables}
    return DeliveredAnew(registered, report, journal.count_known_of_earlier(flow.name, sorted(contracts), last))


def _list_last(workspace: Workspace, flow: str) -> list[ParcelRow]:
    """List the parcels of a flow in order of arrival; of bytes that came several times, the last time counts."""
    latest_first = reversed(workspace.journal.list_parcels(flow))
    last: dict[str, ParcelRow] = {}
    for row in latest_first:
        if row.kind != WITHDRAWN:  # of which nothing came
            last.setdefault(row.digest, row)
    return list(last.values())[::-1]


def _choose(rows: Sequence[ParcelRow], choice: ParcelChoice, flow: str) -> list[ParcelRow]:
    for digest in choice.digests:
        if not any(row.is_named(digest) for row in rows):
            raise UsageError("usage.parcel.unknown", flow=flow, parcel=digest)
    return [
        row
        for row in rows
        if (not choice.digests or any(map(row.is_named, choice.digests)))
        and (choice.since is None or row.received_at >= choice.since)
        # given up once: only by name again
        and (choice.digests or row.state != ParcelState.DROPPED)
    ]


def _find_newer(last: Sequence[ParcelRow], rows: Sequence[ParcelRow]) -> tuple[str, ...]:
    """Return the keys of the parcels that came after the first of `rows` and do not come again behind it."""
    # One that is not finished keeps its place in front of what is registered now.
    keys = {row.key for row in rows if row.state not in _UNFINISHED}
    later = last[min((nth for nth, row in enumerate(last) if row.key in keys), default=len(last)) :]
    return tuple(row.key for row in later if row.key not in keys and row.state in (ParcelState.DONE, *_UNFINISHED))


def _register(
    workspace: Workspace, flow: Flow, rows: Sequence[ParcelRow], *, redelivers: int | None = None
) -> TakenAgain:
    depot = workspace.depot
    unfinished = [row for row in rows if row.state in _UNFINISHED]
    others = [row for row in rows if row.state not in _UNFINISHED]
    here = [row for row in others if depot.has(row.digest)]
    gone = {row.digest for row in others} - {row.digest for row in here}
    arrivals = [
        Arrival(
            depot.read_name(row.digest),
            partial(depot.open, row.digest),
            lambda: None,
            marks=TAKEN_AGAIN,
            named_at=row.named_at,
            is_replay=row.kind == REPLAY,
            redelivers=redelivers,
        )
        for row in here
    ]
    keys = _collect(workspace, flow, arrivals)
    lost = tuple(row.key for row in others if row.digest in gone)
    return TakenAgain(flow.name, keys, lost, tuple(row.key for row in unfinished))


def _collect(workspace: Workspace, flow: Flow, arrivals: list[Arrival]) -> tuple[str, ...]:
    """Register arrivals, and return the keys of the parcels that they became."""
    known = {row.key for row in workspace.journal.list_parcels(flow.name)}
    with workspace.open_flow(flow.name) as open_flow:
        source = AgainSource(arrivals)
        collect(flow.name, source, workspace.depot, workspace.journal, workspace.clock, open_flow.blocks)
    return tuple(row.key for row in workspace.journal.list_parcels(flow.name) if row.key not in known)


def _read_file(path: Path, flow: Flow) -> Arrival:
    if not path.is_file():
        raise UsageError("usage.file.unreadable", file=path.name)
    name_date = getattr(flow.source, "name_date", "")
    named_at = find_name_date(path.name, name_date)
    return Arrival(path.name, partial(_open, path), lambda: None, marks=TAKEN_AGAIN, named_at=named_at)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
