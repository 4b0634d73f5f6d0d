"""The table of what was found at changes of supplier. Beside those of `schema`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from passerelle.stores.foreign_words import WordType
from passerelle.stores.instants import InstantType
from passerelle.stores.schema import Serial, metadata

__all__ = ["metadata", "switch_finding"]

# What a comparison or a rollback of a change of supplier found, in counts: one row each time, never changed. Beside
# them the latest weighed plan and the latest differences in detail of each change, without a value of a record.
# `content` is sealed: it names what the settings and the suppliers name.
switch_finding = Table(
    "switch_finding",
    metadata,
    Column("id", Serial, primary_key=True),
    # the name of the change in its settings
    Column("change", Text, nullable=False),
    # `compare`, `rollback`; `plan` and `differences`, of which a change has one each
    Column("kind", Text, nullable=False),
    Column("content", WordType, nullable=False),
    Column("who", WordType, nullable=False),
    Column("at", InstantType, nullable=False),
    Index("ix_switch_finding", "change", "kind", "id"),
    sqlite_autoincrement=True,
)
