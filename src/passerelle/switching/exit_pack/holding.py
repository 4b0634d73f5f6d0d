"""What the organisation holds: every parcel that the journal knows, and the records that its bytes become."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.batch_stream import prepare_batches
from passerelle.engine.collecting import Blocks
from passerelle.engine.pipeline import FlowPolicy
from passerelle.engine.plans import get_plan
from passerelle.engine.record_comparison import KnownRecords, add_provenance
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.parcels import Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.engine.assembly import Workspace
    from passerelle.extension.supplier import Connector
    from passerelle.stores.books import ParcelRow
    from passerelle.switching.exit_pack.spool import Spool

GONE = "deliver.pack.gone"
"""Why a parcel is not in a pack: its bytes were removed when their time was over."""
UNREAD = "deliver.pack.unread"
"""Why a parcel is not in contract form: its flow is not in the settings any more."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Held:
    """A parcel of a flow."""

    row: ParcelRow
    connector: str
    """Empty when no flow of the settings reads it any more."""
    name: str
    """The supplier's word for it; empty when the bytes are gone."""
    is_here: bool
    path: str
    """Where its bytes stand in a pack that holds them."""


@dataclass(slots=True)
class Reading:
    """What a connector's rows became, over all its parcels."""

    connector: Connector
    supplier: str
    version: str
    received: int = 0
    accepted: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    troubles: dict[tuple[str, str], str] = field(default_factory=dict)
    """By flow and digest of a parcel that cannot be read: why."""


def parcels(house: Workspace) -> list[Held]:
    """List every parcel that the journal knows, in order of registration; flows of the settings first.

    A parcel of a flow that the settings no longer have is held as received alone, unless another flow has it too.
    """
    by_flow: dict[str, list[ParcelRow]] = {name: [] for name in house.settings.flows}
    for row in house.journal.list_parcels():
        by_flow.setdefault(row.flow, []).append(row)
    found: list[Held] = []
    seen: set[str] = set()
    for flow, rows in by_flow.items():
        about = house.settings.flows.get(flow)
        fresh = [row for row in rows if about or row.digest not in seen]
        found += [
            _held(house, row, number, about.connector if about else "") for number, row in enumerate(fresh, start=1)
        ]
        seen.update(row.digest for row in rows)
    return found


def _held(house: Workspace, row: ParcelRow, number: int, connector: str) -> Held:
    here = house.depot.has(row.digest)
    name = house.depot.read_name(row.digest) if here else ""
    safe = _UNSAFE.sub("_", name)[-60:].lstrip(".") or "sans-nom"
    return Held(row, connector, name, here, f"recus/{row.flow}/{number:05d}-{safe}")


def read(house: Workspace, held: list[Held], spool: Spool, progress: Callable[[int], None]) -> dict[str, Reading]:
    """Bring every parcel that is here into contract form, in the spool; say what became of the rows, by connector.

    `progress` is told of the bytes that are done. Memory: one batch, and a name for each record.
    """
    readings: dict[str, Reading] = {}
    done = 0
    for one in held:
        if not one.connector:
            continue
        if one.connector not in readings:
            supplier, connector, plugin = house.plugins.find_connector(one.connector)
            readings[one.connector] = Reading(connector, supplier.id, plugin.version)
        if one.is_here:
            _read_one(house, one, readings[one.connector], spool, partial(_after, progress, done))
            done += one.row.size
            progress(done)
    return readings


def _read_one(house: Workspace, one: Held, reading: Reading, spool: Spool, progress: Callable[[int], None]) -> None:
    plan = get_plan(reading.supplier, reading.connector)
    policy = FlowPolicy(plan=plan, purpose=Purpose.PORTABILITY, deliver_extra=True)
    memory = KnownRecords(
        flow=one.row.flow,
        journal=house.journal,
        seal=house.seal,
        supplier=reading.supplier,
        connector=reading.connector.id,
        connector_version=reading.version,
    )
    blocks = Blocks()
    parcel = Parcel(
        one.row.digest, one.row.flow, one.row.size, one.row.received_at, one.name, blocks.bytes, blocks.rows
    )
    try:
        with house.depot.open(one.row.digest) as stream:
            for batch in prepare_batches(stream, reading.connector.dialect, policy, blocks=blocks, kind=one.row.kind):
                for records in batch.records:
                    spool.put(records.contract, add_provenance(records.frame, batch.decoded.table, parcel, memory))
                    reading.accepted += records.frame.height
                reading.received += batch.ledger.received
                reading.aside.update(item.reason for item in batch.ledger.aside)
                progress(batch.decoded.consumed)
    except ParcelError as error:
        reading.troubles[one.row.flow, one.row.digest] = error.code


def _after(progress: Callable[[int], None], before: int, consumed: int) -> None:
    progress(before + consumed)
