"""The table of what clients wrote through the API, record by record. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from passerelle.stores.instants import InstantType
from passerelle.stores.schema import Serial
from passerelle.stores.workbench_schema import metadata

__all__ = ["metadata", "written_record"]

# Which records came with which receipt: whoever writes one that another writes at the same time is told.
written_record = Table(
    "written_record",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("contract", Text, nullable=False),
    # the journal's pseudonym of the reference
    Column("ref_key", LargeBinary, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("at", InstantType, nullable=False),
    Index("ix_written_record", "contract", "ref_key"),
    Index("ix_written_record_receipt", "receipt"),
    sqlite_autoincrement=True,
)
