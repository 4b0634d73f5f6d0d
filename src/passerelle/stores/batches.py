"""Writes the books of a settled batch, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from passerelle.stores import schema
from passerelle.stores.database import insert_into
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from passerelle.stores.settlement import ReasonKey, Settlement


_BATCH = schema.batch.c


def insert_batch(connection: Connection, parcel_id: int, settlement: Settlement) -> None:
    """Insert the balance of a batch. Raises FatalError `incident.batch.settled` when it was settled before."""
    insert_batches(connection, [(parcel_id, settlement)])


def insert_batches(connection: Connection, numbered: Sequence[tuple[int, Settlement]]) -> None:
    """Insert the balances of batches, each with the number of its parcel: many rows a statement.

    Raises FatalError `incident.batch.settled` when one of them was settled before.
    """
    # The primary key decides, so that a batch is settled once whoever tries; no row back means it was there.
    fresh = insert_into(connection, schema.batch).on_conflict_do_nothing(index_elements=["parcel_id", "number"])
    returning = fresh.returning(_BATCH.parcel_id, _BATCH.number)
    rows = [_to_row(parcel_id, settlement) for parcel_id, settlement in numbered]
    inserted = {tuple(row) for row in connection.execute(returning, rows)}
    for parcel_id, settlement in numbered:
        batch = settlement.batch
        if (parcel_id, batch.number) not in inserted:
            raise FatalError("incident.batch.settled", flow=settlement.flow, parcel=batch.parcel, batch=batch.number)
        inserted.discard((parcel_id, batch.number))  # one that comes twice in this call was inserted once


def _to_row(parcel_id: int, settlement: Settlement) -> dict[str, object]:
    balance = settlement.balance
    return {
        "parcel_id": parcel_id,
        "number": settlement.batch.number,
        "run_id": settlement.run,
        "received": balance.received,
        **{fate.value: balance.fates.get(fate, 0) for fate in Fate},
        "withheld_values": balance.withheld_values,
        "warnings": balance.warnings,
        "vanished": balance.vanished,
        "withdrawn": balance.withdrawn,
        "settled_at": settlement.at,
    }


def insert_reasons(connection: Connection, parcel_id: int, number: int, reasons: Mapping[ReasonKey, int]) -> None:
    """Insert how many records of a batch each reason is about."""
    insert_all_reasons(connection, [(parcel_id, number, reasons)])


def insert_all_reasons(connection: Connection, reasons_of: Iterable[tuple[int, int, Mapping[ReasonKey, int]]]) -> None:
    """Insert the reasons of several batches: the number of its parcel, its own, and how many records each is about."""
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
        for parcel_id, number, reasons in reasons_of
        for key, count in reasons.items()
    ]
    if rows:
        connection.execute(insert(schema.batch_reason), rows)
