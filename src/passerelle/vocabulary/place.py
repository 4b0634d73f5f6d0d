"""The place of a row or value in what a supplier sent."""

from __future__ import annotations

from typing import NamedTuple

ROW = "_row"
"""Name of the column that follows a row through the stages: its index in the `TextTable` it came from."""


class Place(NamedTuple):
    """The place of a row or value in what a supplier sent. Lines and rows count from 1."""

    line: int
    """First physical line of the record (worksheet: row; JSON, XML: ordinal of the record in its list)."""
    last_line: int = 0
    """Last physical line of a span; 0 when it is `line`."""
    member: str = ""
    """File in an archive, worksheet or list; empty when the parcel holds only one table."""
    column: str = ""
    """The supplier's column, as in its header (second of the same name: `Motif#2`)."""
    field: str = ""
    """The contract's field."""
