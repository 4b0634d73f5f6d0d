"""The organisations of a shared journal, each with the key of everything that it sealed. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from passerelle.stores.instants import InstantType
from passerelle.stores.workbench_schema import metadata

__all__ = ["metadata", "organisation"]

# One row an organisation; none in the journal of one machine, whose key is a file.
organisation = Table(
    "organisation",
    metadata,
    Column("organisation", Text, primary_key=True),
    # its master key, wrapped by the key of the installation; none: destroyed, nothing of it ever opens again
    Column("key_wrapped", LargeBinary),
    Column("key_number", Integer, nullable=False),
    Column("created_at", InstantType, nullable=False),
    Column("shredded_at", InstantType),
    # who destroyed it and why, sealed by the key of the installation: its own is gone
    Column("words", LargeBinary),
)
