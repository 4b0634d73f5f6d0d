"""What a person does about records that vanished: counts them, names them with a reason, lets a held parcel through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.engine.audit.revealing import audit_act, name_purposes
from passerelle.engine.log import log
from passerelle.engine.parcels.api_looks import observe_deposit, observe_look
from passerelle.engine.parcels.vanished_watch import find_oldest
from passerelle.engine.parcels.whole_closing import WholeExport
from passerelle.stores.parcels import HELD, LOOK, ParcelState
from passerelle.stores.whole_lists import read_pieces
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.books import ParcelRow


@dataclass(frozen=True, slots=True)
class VanishedRecords:
    """Records of one contract that vanished on the same day and are still at the destination."""

    contract: str
    since: date | None
    """The day of the first export without them; None: of the export that is held."""
    became: bool
    """They go on as records of another contract."""
    refs: tuple[str, ...] = field(repr=False)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.refs)


@dataclass(frozen=True, slots=True)
class ConfirmedFlow:
    """What was confirmed of a flow."""

    flow: str
    parcels: int
    """Held parcels that the next run lets through."""
    notices: int
    """Notices that are cleared, since somebody looked."""


def list_vanished(workspace: Workspace, name: str) -> list[VanishedRecords]:
    """List what vanished and is still at the destination, and what a held export would delete.

    Raises UsageError for an unknown flow.
    """
    flow = workspace.settings.get_flow(name).name
    row = workspace.journal.find_whole_list(flow)
    frames: dict[str, list[pl.DataFrame]] = {}
    if row is not None:
        for contract, piece in read_pieces(workspace.wholes, row.digest):
            frames.setdefault(contract, []).append(piece.drop_nulls("since"))
    found = [record for contract, some in frames.items() for record in _group(contract, pl.concat(some))]
    for parcel in _list_held(workspace, flow):
        found += _find_held(workspace, flow, parcel)
    return found


def reveal_vanished(workspace: Workspace, name: str, *, why: str, who: str) -> list[VanishedRecords]:
    """List them for a person who will read their refs. Raises UsageError without a reason."""
    flow = workspace.settings.get_flow(name).name
    purpose = name_purposes(workspace, [flow])
    audit_act(workspace, "flow.vanished.reveal", flow, why=why, who=who, purpose=purpose)
    return list_vanished(workspace, flow)


def confirm_flow(workspace: Workspace, name: str, *, why: str, who: str) -> ConfirmedFlow:
    """Let the latest held parcel of a flow through, once, and clear its notices; both go into the audit trail.

    Raises UsageError for an unknown flow, without a reason, and when there is nothing to confirm.
    """
    flow, journal, now = workspace.settings.get_flow(name).name, workspace.journal, workspace.clock.now()
    held = _list_held(workspace, flow)[-1:]
    notices = [notice for notice in journal.list_notices(flow) if notice.code != HELD or not held]
    if not held and not notices:
        raise UsageError("usage.flow.nothing_held", name=flow)
    audit_act(workspace, "flow.confirm", flow, why=why, who=who)
    confirmed = sum(journal.confirm_parcel(flow, row.key, HELD, now) for row in held)
    cleared = sum(journal.clear_notice(flow, notice.code) for notice in notices)
    log("flow_confirmed", flow=flow, count=confirmed)
    return ConfirmedFlow(flow, confirmed, cleared)


def _list_held(workspace: Workspace, flow: str) -> Sequence[ParcelRow]:
    rows = workspace.journal.list_parcels(flow)
    return [row for row in rows if row.state == ParcelState.PARKED and row.code == HELD]


def _find_held(workspace: Workspace, flow: str, parcel: ParcelRow) -> Iterator[VanishedRecords]:
    """Read a held parcel again, and yield what it no longer holds."""
    row = workspace.journal.find_whole_list(flow)
    with workspace.open_flow(flow, jobs=1) as open_flow:
        export = WholeExport.of(workspace, open_flow, parcel.received_at)
        if row is None or export is None or not workspace.depot.has(parcel.digest):
            return
        if parcel.kind == LOOK:
            if not observe_look(workspace, open_flow, parcel.digest, export.watch):
                return
        else:
            observe_deposit(workspace, open_flow, parcel.digest, export.watch)
        oldest = find_oldest(export.watch.seen, workspace.settings.retention_days)
        for absence in export.watch.compare(workspace.wholes, row.digest, oldest):
            fresh = absence.missing.filter(pl.col("since").is_null())
            yield from _group(absence.contract, fresh)


def _group(contract: str, missing: pl.DataFrame) -> Iterator[VanishedRecords]:
    parts = missing.unique("ref", maintain_order=True).partition_by("since", "became", as_dict=True)
    for (since, became), part in parts.items():
        yield VanishedRecords(contract, since, became, tuple(part.get_column("ref").to_list()))
