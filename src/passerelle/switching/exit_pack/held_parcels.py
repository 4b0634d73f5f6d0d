"""What the organisation holds: every parcel that the journal knows, and the records that its bytes become."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.plans import get_plan
from passerelle.engine.records.record_comparison import KnownRecords, add_provenance
from passerelle.stores.parcels import LOOK, REPLAY, WITHDRAWN
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.parcels import Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.extension.supplier import Connector
    from passerelle.stores.books import ParcelRow
    from passerelle.switching.exit_pack.record_spool import Spool

GONE = "deliver.pack.gone"
"""Why a parcel is not in a pack: its bytes were removed when their time was over."""
UNREAD = "deliver.pack.unread"
"""Why a parcel is not in contract form: its flow is not in the settings any more."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class HeldParcel:
    """A parcel of a flow."""

    row: ParcelRow
    connector: str
    """Empty when no flow of the settings reads it any more."""
    name: str
    """The supplier's name of the file; empty when the bytes are gone."""
    is_here: bool
    path: str
    """The path of its bytes in a pack that holds them."""


@dataclass(slots=True)
class ConnectorOutcome:
    """What became of a connector's rows, over all its parcels."""

    connector: Connector
    supplier: str
    version: str
    received: int = 0
    accepted: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    troubles: dict[tuple[str, str], str] = field(default_factory=dict)
    """By flow and digest of a parcel that cannot be read: why."""


def list_parcels(workspace: Workspace) -> list[HeldParcel]:
    """List every parcel that the journal knows, in order of registration; flows of the settings first.

    A parcel of a flow that the settings no longer have is held as received alone, unless another flow has it too.
    """
    by_flow: dict[str, list[ParcelRow]] = {name: [] for name in workspace.settings.flows}
    for row in workspace.journal.list_parcels():
        if row.kind in (LOOK, WITHDRAWN):
            continue  # one names pages, which are parcels themselves; of the other nothing came
        by_flow.setdefault(row.flow, []).append(row)
    parcels: list[HeldParcel] = []
    seen: set[str] = set()
    for flow, rows in by_flow.items():
        settings = workspace.settings.flows.get(flow)
        fresh = [row for row in rows if settings or row.digest not in seen]
        for number, row in enumerate(fresh, start=1):
            is_here = workspace.depot.has(row.digest)
            name = workspace.depot.read_name(row.digest) if is_here else ""
            # Names come from suppliers: what could leave the folder or hide a file is replaced.
            safe = _UNSAFE.sub("_", name)[-60:].lstrip(".") or "sans-nom"
            path = f"recus/{flow}/{number:05d}-{safe}"
            parcels.append(HeldParcel(row, settings.connector if settings else "", name, is_here, path))
        seen.update(row.digest for row in rows)
    return parcels


def read_parcels(
    workspace: Workspace, held: list[HeldParcel], spool: Spool, progress: Callable[[int], None]
) -> dict[str, ConnectorOutcome]:
    """Bring every parcel that is here into contract form, in the spool; return what became of the rows, by connector.

    `progress` is told of the bytes that are done. Memory: one batch, and a digest for each record.
    """
    outcomes: dict[str, ConnectorOutcome] = {}
    here = {parcel.row.key for parcel in held if parcel.is_here}
    done = 0
    for parcel in held:
        if not parcel.connector:
            continue
        if parcel.connector not in outcomes:
            supplier, connector, plugin = workspace.plugins.find_connector(parcel.connector)
            outcomes[parcel.connector] = ConnectorOutcome(connector, supplier.id, plugin.version)
        if parcel.is_here:
            _read_parcel(workspace, parcel, outcomes[parcel.connector], spool, partial(_advance, progress, done))
            _leave_out_replayed(workspace, parcel.row, outcomes[parcel.connector], here)
            done += parcel.row.size
            progress(done)
    return outcomes


def _leave_out_replayed(workspace: Workspace, row: ParcelRow, outcome: ConnectorOutcome, here: set[str]) -> None:
    """Count the rows of a replay once: as what became of them this time, not also as what was set aside before."""
    if row.kind != REPLAY:
        return
    for (key, reason), count in workspace.quarantine.count_replayed(row.key).items():
        # one that its connector reads by now was not set aside a first time here
        again = min(count, outcome.aside[reason]) if key in here else 0
        outcome.received -= again
        outcome.aside[reason] -= again
    outcome.aside = +outcome.aside


def _advance(progress: Callable[[int], None], before: int, consumed: int) -> None:
    progress(before + consumed)


def _read_parcel(
    workspace: Workspace, held: HeldParcel, outcome: ConnectorOutcome, spool: Spool, progress: Callable[[int], None]
) -> None:
    row = held.row
    settings = workspace.settings.flows[row.flow]
    plan = get_plan(outcome.supplier, outcome.connector, settings.locality)
    # What a person gets of their own data is a matter of portability: no consent to other purposes is asked.
    policy = FlowPolicy(plan=plan, purpose=Purpose.PORTABILITY, name=held.name if plan.file_name else "")
    known_records = KnownRecords(
        flow=row.flow,
        journal=workspace.journal,
        seal=workspace.seal,
        supplier=outcome.supplier,
        connector=outcome.connector.id,
        connector_version=outcome.version,
    )
    blocks = Blocks()
    parcel = Parcel(row.digest, row.flow, row.size, row.received_at, held.name, blocks.bytes, blocks.rows)
    try:
        with workspace.depot.open(row.digest) as stream:
            for batch in prepare_batches(stream, outcome.connector.dialect, policy, blocks=blocks, kind=row.kind):
                for records in batch.records:
                    frame = add_provenance(records.frame, batch.decoded.table, parcel, known_records)
                    spool.add(records.contract, frame)
                    outcome.accepted += records.frame.height
                outcome.received += batch.ledger.received
                outcome.aside.update(item.reason for item in batch.ledger.aside)
                progress(batch.decoded.consumed)
    except ParcelError as error:
        # One unreadable parcel must not keep all others from leaving: the manifest says that it is missing.
        outcome.troubles[row.flow, row.digest] = error.code
