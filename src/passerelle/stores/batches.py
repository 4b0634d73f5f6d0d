"""Writes the books of a settled batch, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from passerelle.stores import schema
from passerelle.stores.database import insert_into
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from passerelle.stores.settlement import ReasonKey, Settlement


def insert_batch(connection: Connection, parcel_id: int, settlement: Settlement) -> None:
    """Insert the balance of a batch. Raises FatalError `incident.batch.settled` when it was settled before."""
    balance, batch = settlement.balance, settlement.batch
    values = {
        "parcel_id": parcel_id,
        "number": batch.number,
        "run_id": settlement.run,
        "received": balance.received,
        **{fate.value: balance.fates.get(fate, 0) for fate in Fate},
        "withheld_values": balance.withheld_values,
        "warnings": balance.warnings,
        "vanished": balance.vanished,
        "withdrawn": balance.withdrawn,
        "settled_at": settlement.at,
    }
    fresh = insert_into(connection, schema.batch).values(values)
    # The primary key decides, so that a batch is settled once whoever tries; no row back means it was there.
    fresh = fresh.on_conflict_do_nothing(index_elements=["parcel_id", "number"])
    if not connection.execute(fresh.returning(schema.batch.c.number)).first():
        raise FatalError("incident.batch.settled", flow=settlement.flow, parcel=batch.parcel, batch=batch.number)


def insert_reasons(connection: Connection, parcel_id: int, number: int, reasons: Mapping[ReasonKey, int]) -> None:
    """Insert how many records of a batch each reason is about."""
    rows = [
        {
            "parcel_id": parcel_id,
            "number": number,
            "contract": key.contract,
            "member": key.member,
            "code": key.code,
            "column_name": key.column,
            "field": key.field,
            "fate": key.fate,
            "count": count,
        }
        for key, count in reasons.items()
    ]
    if rows:
        connection.execute(insert(schema.batch_reason), rows)
